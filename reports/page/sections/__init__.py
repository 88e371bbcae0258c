"""The sections of the page, from top to bottom: each from its part of the numbers."""
