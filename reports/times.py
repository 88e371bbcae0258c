"""Times in UTC: hours, by which counts are kept and SageMaker names its files, and times as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
_HOUR_OF_KEY = re.compile(r"(?:^|/)(\d{4})/(\d\d)/(\d\d)/(\d\d)/[^/]+$", re.ASCII)


def read_moment(text: str) -> datetime:
    """A time with its zone in ISO 8601, as a document or the monitor's state holds it. Raises ValueError."""
    return datetime.fromisoformat(text).astimezone(UTC)


def floor_hour(moment: datetime) -> datetime:
    """The start of the UTC hour that holds the moment."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def key_hour(key: str) -> datetime | None:
    """The hour that a capture file's key, or its path below a folder, names; None for others."""
    if not (match := _HOUR_OF_KEY.search(key)):
        return None
    try:
        return datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def utc(moment: datetime | float) -> str:
    """ISO 8601 with Z, of a time with zone or of seconds since the epoch, with milliseconds if any."""
    at = moment.astimezone(UTC) if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    spec = "milliseconds" if at.microsecond >= 1000 else "seconds"
    return at.isoformat(timespec=spec).replace("+00:00", "Z")
