"""AWS on loopback: the pinned ministack behind a front of its own, and what it lacks."""
