"""EventBridge Scheduler on a running local AWS."""
