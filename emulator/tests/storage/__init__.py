"""S3 on a running local AWS."""
