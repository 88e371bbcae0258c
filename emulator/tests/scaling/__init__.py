"""Application Auto Scaling on a running local AWS."""
