"""What the monitor keeps between runs."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from reports.monitor.counted_files import CountedFiles
from reports.monitor.increment import MetricCounts
from reports.monitor.notes import Note
from reports.times import read_moment

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Mark:
    """The model that the kept analysis is of. `since`: its records begin here; None: all are of it."""

    digest: str
    threshold: float
    since: datetime | None = None


@dataclass
class State:
    """What a run leaves to the next one.

    counted: the capture files that are. analysis: Analysis.as_state(); None: none yet. in_metrics: after a
    fresh start the files whose records are in the metrics already; None: there are none. pending: counts that
    are still to be emitted. errors: of the failed executions by ARN that are in the metrics; None: nobody
    knows which.
    """

    mark: Mark
    counted: CountedFiles
    written: datetime
    analysis: dict[str, Any] | None = None
    in_metrics: CountedFiles | None = None
    pending: MetricCounts = field(default_factory=MetricCounts)
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
            "place": self.counted.as_json(),
            "told": self.in_metrics.as_json() if self.in_metrics else None,
            "news": self.pending.as_json(),
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
                counted=CountedFiles.from_json(value["place"]),
                written=read_moment(value["written"]),
                analysis=value["analysis"],
                in_metrics=CountedFiles.from_json(value["told"]) if value["told"] else None,
                pending=MetricCounts.from_json(value["news"]),
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
