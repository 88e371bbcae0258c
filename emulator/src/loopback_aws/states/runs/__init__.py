"""Executions while they run: moto's interpreter on a thread for each."""
