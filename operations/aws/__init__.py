"""Where a verb works: clients, the deployed stage, its state machines, places in S3, and what AWS refuses."""
