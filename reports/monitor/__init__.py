"""The monitor: runs on a schedule, counts what the endpoint captured since the last time, and reports it."""
