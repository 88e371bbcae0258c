"""AWS on loopback: the pinned emulator behind the project's own front, and what it lacks."""
