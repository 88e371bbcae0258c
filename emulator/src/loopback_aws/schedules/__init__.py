"""EventBridge Scheduler on this machine: when schedules are due, and their CloudFormation types."""
