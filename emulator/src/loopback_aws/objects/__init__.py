"""S3 objects on disk, and what goes with a change of them."""
