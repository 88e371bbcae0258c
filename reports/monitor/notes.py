"""What a reader must know of how the numbers came about, where it is not the usual way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.document import Check, MonitorNote, Numbers

_BEHIND = "The monitor has not read all captured files of this time yet: its next runs go on with them."


@dataclass(frozen=True)
class Note:
    """What readers of the numbers should know, and since when."""

    time: datetime
    text: str


def with_notes(numbers: Numbers, notes: Sequence[Note], *, behind: bool) -> Numbers:
    """The numbers with a part "monitor", and, where there is something to say, a check of that name.

    The check's state is "unknown": it judges nothing, and changes nothing of the verdict.
    """
    said: list[MonitorNote] = [
        {"time": f"{note.time:%Y-%m-%dT%H:%M:%SZ}", "text": note.text} for note in notes
    ]
    verdict = numbers["verdict"]
    texts = [_BEHIND] * behind + [f"{note.time:%Y-%m-%d %H:%M} UTC: {note.text}" for note in notes]
    if texts:
        verdict = {**verdict, "checks": [*verdict["checks"], _check(texts, behind)]}
    return {**numbers, "verdict": verdict, "monitor": {"behind": behind, "notes": said}}


def _check(texts: list[str], behind: bool) -> Check:
    return {
        "name": "monitor",
        "label": "What these figures are of",
        "state": "unknown",
        "value": "not all is read yet" if behind else f"{len(texts)} remark{'s' * (len(texts) > 1)}",
        "limit": "",
        "advice": " ".join(texts),
        "section": None,
    }
