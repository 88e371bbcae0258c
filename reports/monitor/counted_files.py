"""Which capture files are counted already. Files never change, so a file's key says all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Self

from reports.times import HOUR, floor_hour, key_hour, read_moment

OPEN_HOURS = 3
"""An hour is closed when it has been over for so long: files appear minutes after their first record."""
PATIENCE = timedelta(hours=3)
"""For so long a file that cannot be read is tried again."""


@dataclass
class CountedFiles:
    """Every file of the hours before `open_from` is counted, and of later hours those in `by_hour`.

    Hours are those of the files' keys, in UTC. `failed` are files that could not be read, and since when:
    their hours stay open. The size is bounded by the files of OPEN_HOURS + 2 hours.
    """

    open_from: datetime
    by_hour: dict[datetime, set[str]] = field(default_factory=dict)
    failed: dict[str, datetime] = field(default_factory=dict)

    def is_new(self, key: str) -> bool:
        """Whether the file is still to be counted; never for a key that names no hour."""
        hour = key_hour(key)
        return hour is not None and hour >= self.open_from and key not in self.by_hour.get(hour, ())

    def joined(self, other: CountedFiles) -> CountedFiles:
        """The files that either counts; nothing of those that failed."""
        both = CountedFiles(max(self.open_from, other.open_from))
        for key in chain(*self.by_hour.values(), *other.by_hour.values()):
            if both.is_new(key):
                both.count(key)
        return both

    def hold(self, key: str, now: datetime) -> None:
        """Keep the file's hour open: it could not be read yet."""
        self.failed.setdefault(key, now)

    def count(self, key: str) -> None:
        """Remember that the file is counted."""
        if (hour := key_hour(key)) is not None:
            self.by_hour.setdefault(hour, set()).add(key)
        self.failed.pop(key, None)

    def give_up(self, now: datetime) -> list[str]:
        """Take files for counted that could not be read for PATIENCE; their keys."""
        given_up = [key for key, since in self.failed.items() if now - since >= PATIENCE]
        for key in given_up:
            self.count(key)
        return given_up

    def close(self, before: datetime, now: datetime) -> None:
        """Close the hours before `before` that are long over, and in which no file is still to be read."""
        waiting = [hour for key in self.failed if (hour := key_hour(key)) is not None]
        last = min([before, last_closed(now), *waiting])
        self._move(last)

    def skip_to(self, hour: datetime) -> None:
        """Leave out every file of the hours before `hour`, read or not."""
        self._move(hour)
        self.failed = {key: since for key, since in self.failed.items() if self.is_new(key)}

    def _move(self, hour: datetime) -> None:
        self.open_from = max(self.open_from, hour)
        self.by_hour = {hour: keys for hour, keys in self.by_hour.items() if hour >= self.open_from}

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON, the same for the same files."""
        keys = sorted(key for keys in self.by_hour.values() for key in keys)
        failed = {key: since.isoformat() for key, since in self.failed.items()}
        return {"open_from": self.open_from.isoformat(), "counted": keys, "failed": failed}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Raises ValueError, KeyError or TypeError for anything else than `as_json` gave."""
        files = cls(read_moment(value["open_from"]))
        for key in value["counted"]:
            files.count(key)
        files.failed = {str(key): read_moment(text) for key, text in value["failed"].items()}
        return files


def last_closed(now: datetime) -> datetime:
    """The hours before it are long over."""
    return floor_hour(now) - OPEN_HOURS * HOUR
