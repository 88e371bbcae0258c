"""What there is in an account that a stage made: found by name and tags, priced, and deleted on demand."""
