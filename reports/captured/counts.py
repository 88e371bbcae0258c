"""What was found in capture files so far, besides the inferences themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from reports import document
from reports.captured.problems import KINDS, Position


@dataclass
class Problem:
    """How often one kind of problem was seen, and where first."""

    count: int
    example: str
    """File and line: `key, line 7`."""


@dataclass
class CaptureCounts:
    """Counts that add up over files and runs."""

    lines: int = 0
    """All lines, empty and unreadable ones too."""
    requests: int = 0
    """Captured requests in the time looked at, whatever became of their answers."""
    outside: int = 0
    """Captured requests before or after the time looked at; nothing else is counted of them."""
    repeated: int = 0
    """Lines whose event was counted before; nothing else is counted of them."""
    inferences: int = 0
    refused: int = 0
    """Images of packs that the model refused."""
    without_input: int = 0
    """Requests of which only the answer was captured."""
    unreadable: int = 0
    """Lines that lost an answer, or several, by a problem."""
    problems: dict[str, Problem] = field(default_factory=dict)
    """By kind, see reports/captured/problems.py."""

    @property
    def is_copy(self) -> bool:
        """Whether these are of a file that holds nothing new: events, and each was counted before."""
        return bool(self.repeated) and not self.requests

    def of_copy(self) -> CaptureCounts:
        """What is counted of such a file: what cannot be read in it was counted before, too."""
        return CaptureCounts(lines=self.lines, outside=self.outside, repeated=self.lines - self.outside)

    def add(self, kind: str, position: Position) -> None:
        """Count one problem; `kind` is a key of KINDS."""
        if known := self.problems.get(kind):
            known.count += 1
        else:
            file = position.file.encode(
                "utf-8", "backslashreplace"
            ).decode()  # a path may hold broken characters
            self.problems[kind] = Problem(1, f"{file}, line {position.line}")

    def merge(self, other: CaptureCounts) -> None:
        """Add the counts of `other`; of two examples the first by name, whatever the order of reading."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, problem in other.problems.items():
            if known := self.problems.get(kind):
                known.count += problem.count
                known.example = min(known.example, problem.example)
            else:
                self.problems[kind] = Problem(problem.count, problem.example)

    def as_state(self) -> dict[str, Any]:
        """Ready for JSON."""
        problems = {kind: [problem.count, problem.example] for kind, problem in self.problems.items()}
        return {**{name: getattr(self, name) for name in _COUNTS}, "problems": problems}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> CaptureCounts:
        """The inverse of as_state. ValueError for what it did not make."""
        try:
            counts = {name: _count(state[name]) for name in _COUNTS if name in state or name not in _LATER}
            problems = {
                kind: Problem(_count(count), str(example))
                for kind, (count, example) in state["problems"].items()
                if kind in KINDS
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"not a state of what was found in capture files: {error!r}") from error
        return cls(**counts, problems=problems)

    def as_numbers(self) -> list[document.Problem]:
        """The problems, most frequent first: kind, meaning, count and example."""
        ordered = sorted(self.problems.items(), key=lambda item: (-item[1].count, item[0]))
        return [
            {"kind": kind, "meaning": KINDS[kind].meaning, "count": problem.count, "example": problem.example}
            for kind, problem in ordered
        ]


_LATER = frozenset({"repeated"})
"""What states of earlier versions do not have."""
_COUNTS = tuple(entry.name for entry in fields(CaptureCounts) if entry.name != "problems")


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value
