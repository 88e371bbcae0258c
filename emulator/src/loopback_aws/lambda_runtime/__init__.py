"""Python functions as AWS's Lambda runs them: the runtime inside a process, and the queue for processes."""
