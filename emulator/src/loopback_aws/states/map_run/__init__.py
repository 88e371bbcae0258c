"""A Distributed Map state's run: items from S3 or from the state's input, batches, children, result files."""
