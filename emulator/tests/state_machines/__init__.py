"""Step Functions on a running local AWS, beyond what AWS's documents say."""
