"""Numbers and times as the document writes them: six digits behind the point, UTC with Z."""

from __future__ import annotations

from datetime import UTC, datetime

DIGITS = 6


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def share(part: float, whole: float) -> float | None:
    """None of nothing."""
    return rounded(part / whole) if whole else None


def mean(total: int, count: int, unit: int) -> float | None:
    """Of `count` values whose sum is `total` / `unit`; None without any."""
    return rounded(total / unit / count) if count else None


def utc(moment: datetime | float) -> str:
    """ISO 8601 with Z, of a time with zone or of seconds since the epoch, with milliseconds if any."""
    at = moment.astimezone(UTC) if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    spec = "milliseconds" if at.microsecond >= 1000 else "seconds"
    return at.isoformat(timespec=spec).replace("+00:00", "Z")
