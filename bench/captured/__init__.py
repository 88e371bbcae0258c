"""Captured data for the bench of reports: a stream of records, and one pass over it."""
