"""What the monitor keeps between runs."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from reports.monitor.counted_files import Place
from reports.monitor.metric_counts import News
from reports.times import read_moment

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Mark:
    """The model that the kept analysis is of. `since`: its records begin here; None: all are of it."""

    digest: str
    threshold: float
    since: datetime | None = None


@dataclass(frozen=True)
class Note:
    """What readers of the numbers should know, and since when."""

    time: datetime
    text: str


@dataclass
class State:
    """`analysis` is Analysis.as_state(); None: none yet. `told`: after a fresh start the files whose records
    are not to be told as metrics again; None: there are none. `errors`: failed executions by ARN that were
    told; None: nobody knows which."""

    mark: Mark
    place: Place
    written: datetime
    analysis: dict[str, Any] | None = None
    told: Place | None = None
    news: News = field(default_factory=News)
    errors: dict[str, str] | None = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def as_bytes(self) -> bytes:
        """Gzipped JSON, the same bytes for the same state."""
        since = self.mark.since
        value = {
            "schema_version": SCHEMA_VERSION,
            "written": self.written.isoformat(),
            "model": {
                "digest": self.mark.digest,
                "threshold": self.mark.threshold,
                "since": since.isoformat() if since else None,
            },
            "place": self.place.as_json(),
            "told": self.told.as_json() if self.told else None,
            "news": self.news.as_json(),
            "errors": self.errors,
            "notes": [[note.time.isoformat(), note.text] for note in self.notes],
            "analysis": self.analysis,
        }
        return gzip.compress(json.dumps(value, separators=(",", ":"), allow_nan=False).encode(), 6, mtime=0)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Raises ValueError for anything else than `as_bytes` gave."""
        try:
            value = json.loads(gzip.decompress(content))
            if value["schema_version"] != SCHEMA_VERSION:
                raise ValueError(
                    f"schema_version is {value['schema_version']!r}, {SCHEMA_VERSION} is understood"
                )
            return cls(
                mark=_mark(value["model"]),
                place=Place.from_json(value["place"]),
                written=read_moment(value["written"]),
                analysis=value["analysis"],
                told=Place.from_json(value["told"]) if value["told"] else None,
                news=News.from_json(value["news"]),
                errors=_errors(value["errors"]),
                notes=[Note(read_moment(time), str(text)) for time, text in value["notes"]],
            )
        except (KeyError, TypeError, AttributeError, EOFError, OSError, zlib.error) as error:
            raise ValueError(f"it is no state of the monitor ({type(error).__name__}: {error})") from error


def _errors(value: dict[str, Any] | None) -> dict[str, str] | None:
    return None if value is None else {str(arn): str(error) for arn, error in value.items()}


def _mark(value: dict[str, Any]) -> Mark:
    since = read_moment(value["since"]) if value["since"] else None
    return Mark(str(value["digest"]), float(value["threshold"]), since)
