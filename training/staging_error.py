"""The one exception that staging raises on purpose."""

from __future__ import annotations


class StagingError(Exception):
    """A data set cannot be staged as asked; the message names the value, the limit and the way out."""
