"""What classifying costs: counted and timed in runs on a deployed stage, and priced."""
