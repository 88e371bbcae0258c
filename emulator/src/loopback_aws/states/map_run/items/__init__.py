"""The items of a Distributed Map's data set in S3: one form of a file a module."""
