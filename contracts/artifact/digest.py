"""The digest that names a model wherever people see it."""

from __future__ import annotations

SHORT_DIGITS = 12


def short_digest(sha256: str) -> str:
    """The first digits of an artifact's SHA-256 in hex: enough to tell models apart; "" stays ""."""
    return sha256[:SHORT_DIGITS]
