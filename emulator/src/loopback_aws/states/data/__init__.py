"""Data of states in the two query languages."""
