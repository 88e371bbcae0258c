"""What tests of a running local AWS share: the process, and what they make and read in it."""
