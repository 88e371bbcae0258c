"""Images of this machine or in S3, and the answer of an execution for each."""
