"""Requests to services that ministack lacks: held against botocore's models, answered by page."""
