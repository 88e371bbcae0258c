"""A person's pictures as staging sees them: a source lists them, and none is read before its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

_SHOWN = 120
"""Characters of an example's name that are kept."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A labelled picture that was found and not yet read.

    name: where the source has it, with slashes; neither unique nor safe as a path.
    class_name: its class.
    read: its file's bytes, whenever it is called; any thread may. Raises OSError, or Unread with a reason.
    group: pictures of one group are in one split; None: a group of its own.
    part: the split that the source itself has it in (train, validation or test), or None.
    """

    name: str
    class_name: str
    read: Callable[[], bytes]
    group: str | None = None
    part: str | None = None


class Unread(Exception):
    """One picture that cannot be had; its text is the reason under which it is left out."""


@dataclass
class LeftOut:
    """What is left out: how many by reason, and the first of each."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str, name: str, count: int = 1, detail: str = "") -> None:
        """detail: what there is to say of this one; it is kept whole, however long the name is."""
        self.counts[reason] = self.counts.get(reason, 0) + count
        self.examples.setdefault(reason, f"{shown(name)} ({_in_a_line(detail)})" if detail else shown(name))

    def entries(self) -> dict[str, dict[str, Any]]:
        """As the manifest says it."""
        return {
            "left_out": dict(sorted(self.counts.items())),
            "left_out_examples": dict(sorted(self.examples.items())),
        }


class SampleSource(Protocol):
    """Where a person's pictures come from: a folder, a list, a manifest, RecordIO; on disk or in S3."""

    @property
    def name(self) -> str:
        """Short name of the data set."""

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Names in the order of their labels where the source has such an order, else None."""

    def identity(self) -> dict[str, Any]:
        """What it was asked for; free of paths and dates. The pictures themselves are added by who reads
        them."""

    def samples(self, left_out: LeftOut) -> Iterator[Sample]:
        """Every picture, in an order that is the same each time; what is none goes to `left_out`.

        Raises StagingError for what no picture's loss mends: a wrong label, a path that leaves the source.
        """


def shown(name: str) -> str:
    """A name from outside as a message can repeat it: in one line, short, without control characters."""
    plain = _in_a_line(name)
    return plain if len(plain) <= _SHOWN else f"{plain[: _SHOWN // 2]}…{plain[-_SHOWN // 2 :]}"


def _in_a_line(text: str) -> str:
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )
