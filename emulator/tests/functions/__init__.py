"""Lambda on a running local AWS."""
