"""What checks are written with: the three states, shares and counts in words."""

from __future__ import annotations

from typing import Any

Numbers = dict[str, Any]

WELL, ATTENTION, UNKNOWN = "well", "attention", "unknown"


def percent(share: float | None, digits: int = 1) -> str:
    return "unknown" if share is None else f"{share * 100:.{digits}f} %"


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
