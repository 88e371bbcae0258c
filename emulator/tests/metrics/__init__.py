"""CloudWatch on a running local AWS."""
