"""Releases of a model: what an endpoint serves after one, and what is kept of those before."""
