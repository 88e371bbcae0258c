"""Answers as the API gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def known(answer: dict[str, Any]) -> dict[str, Any]:
    """The members that have a value: what is not there is left out, not null."""
    return {name: value for name, value in answer.items() if value is not None}


def seconds(moment: datetime | None) -> float | None:
    """A time as JSON has it: seconds since the epoch, to the millisecond."""
    return None if moment is None else round(moment.timestamp(), 3)
