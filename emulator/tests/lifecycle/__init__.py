"""The local AWS as a process: its command line, its state, its network."""
