"""Which captured events were counted already: a file may lie there twice, under another name too."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
import struct
from collections.abc import Mapping
from typing import Any

from reports.captured.problems import Position

CACHE_KIBIBYTES = 16_384
"""Of memory, however many events there are; the rest of the table is a temporary file that nobody else
sees."""
KEPT = 131_072
"""The newest events that a state holds, 8 bytes each: copies come soon after their originals."""
_HOUR = 3600


class SeenEvents:
    """Remembers events by 64 bits of a digest: of 10 million two are taken for one with a chance of 1 :
    370,000.

    An event is its id and its time, so that software which gives every event the same id loses nothing. A
    line that names no event is itself, at its place in a file of its name: a copy keeps all three.
    """

    def __init__(self) -> None:
        self._table = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{CACHE_KIBIBYTES}"):
            self._table.execute(f"PRAGMA {setting}")
        self._table.execute("CREATE TABLE seen (event INTEGER PRIMARY KEY, hour INTEGER NOT NULL)")
        self._table.execute("BEGIN")

    def add(self, event_id: str, time: float) -> bool:
        """Whether this is the first time; `time`: the event's, seconds since the epoch."""
        return self._add(f"{time!r} {event_id}".encode(), int(time // _HOUR))

    def add_line(self, line: bytes, position: Position) -> bool:
        """The same of a line that names no event."""
        name = position.file.rpartition("/")[2].encode("utf-8", "backslashreplace")
        return self._add(b"%b\0%d\0%b" % (name, position.line, line), 0)

    def drop_before(self, seconds: float) -> None:
        """Forget the events of the hours that end at or before this time."""
        self._table.execute("DELETE FROM seen WHERE hour < ?", (int(seconds // _HOUR),))

    def as_state(self) -> dict[str, str]:
        """Ready for JSON: by hour the newest KEPT events, in base64."""
        newest = "SELECT hour, event FROM seen ORDER BY hour DESC, event LIMIT ?"
        by_hour: dict[int, list[int]] = {}
        for hour, event in self._table.execute(newest, (KEPT,)):
            by_hour.setdefault(hour, []).append(event)
        return {str(hour): _packed(by_hour[hour]) for hour in sorted(by_hour)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> SeenEvents:
        """The inverse of as_state. Type-, Value- or AttributeError for what it did not make."""
        seen = cls()
        for hour, text in state.items():
            rows = ((event, int(hour)) for event in _unpacked(text))
            seen._table.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", rows)
        return seen

    def merge(self, other: SeenEvents) -> None:
        """Know what `other` has seen, too."""
        if other is not self:
            rows = other._table.execute("SELECT event, hour FROM seen")
            self._table.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", rows)

    def _add(self, identity: bytes, hour: int) -> bool:
        digest = hashlib.blake2b(identity, digest_size=8).digest()
        event = int.from_bytes(digest, "little", signed=True)
        insert = "INSERT OR IGNORE INTO seen VALUES (?, ?)"
        return self._table.execute(insert, (event, hour)).rowcount == 1


def _packed(events: list[int]) -> str:
    return base64.b64encode(struct.pack(f"<{len(events)}q", *events)).decode()


def _unpacked(text: str) -> tuple[int, ...]:
    content = base64.b64decode(text, validate=True)
    if len(content) % 8:
        raise ValueError(f"{len(content)} bytes are no events of 8 bytes each")
    return struct.unpack(f"<{len(content) // 8}q", content)
