"""Deployment guardrails: how an update moves traffic to a new fleet, and what takes it back."""
