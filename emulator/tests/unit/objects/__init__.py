"""S3 objects on disk."""
