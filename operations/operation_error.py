"""The one exception that verbs on a deployed stage raise on purpose."""

from __future__ import annotations


class OperationError(Exception):
    """Not possible as asked; the message names the value and the way out."""
