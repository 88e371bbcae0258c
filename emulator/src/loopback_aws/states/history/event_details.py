"""Details of history events within the limits of the API reference."""

from __future__ import annotations

from typing import Any

ERROR_CHARACTERS = 256
CAUSE_CHARACTERS = 32_768
LIMITS = {"error": ERROR_CHARACTERS, "cause": CAUSE_CHARACTERS}
"""Most characters of these members of every `…EventDetails` (API reference, HistoryEvent)."""


def limited(members: dict[str, Any]) -> dict[str, Any]:
    """An event's details members with error and cause cut to what the API reference allows."""
    return {
        name: {key: cut(key, item) for key, item in value.items()} if isinstance(value, dict) else value
        for name, value in members.items()
    }


def cut(name: str, value: Any) -> Any:
    """The value of an `error` or `cause`, cut off at the limit; any other as it is."""
    return value[: LIMITS[name]] if name in LIMITS and isinstance(value, str) else value
