"""Texts of a model.json: whether one is a name, and how a message repeats what is none."""

from __future__ import annotations

import unicodedata
from typing import Any

_CONTROL = frozenset({"Cc", "Cf", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
_SHOWN = 80
"""Characters of a wrong value that a message repeats."""


def is_name(value: Any) -> bool:
    """Text that can be seen and written: JSON lets halves of characters through."""
    if not isinstance(value, str) or not value.strip():
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def can_be_shown(name: str) -> bool:
    """Without control characters, marks of direction and ends of lines; joiners belong to some scripts."""
    return all(char in _JOINERS or unicodedata.category(char) not in _CONTROL for char in name)


def readable(name: str) -> str:
    """A name as a message may hold it."""
    return name if can_be_shown(name) else ascii(name)


def shown_value(value: Any) -> str:
    """The beginning of a wrong value, in ASCII."""
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
