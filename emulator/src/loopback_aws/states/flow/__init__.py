"""What happens in a state: errors and retries, branches and iterations, pauses, calls of other services."""
