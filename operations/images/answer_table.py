"""Answers for single images, as a table and in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lambda_src.core.classes import shown_class
from operations.images.answers import Answer
from operations.terminal import Cell, Column, Row

STYLES = {"accepted": "green", "low_confidence": "yellow", "error": "red"}
_WORDS = {
    "accepted": "accepted",
    "low_confidence": "low confidence",
    "error": "failed",
    "running": "still running",
    "not_started": "not started",
}


COLUMNS = (
    Column("image", long=True),
    Column("outcome"),
    Column("class"),
    Column("confidence"),
    Column("seconds", right=True),
    Column("reason", long=True),
)


def answer_rows(answers: Sequence[Answer]) -> list[Row]:
    """A row an image: what was seen in it, or why nothing was."""
    return [
        (
            answer.image,
            Cell(outcome_words(answer.outcome), STYLES.get(answer.outcome)),
            class_cell(answer.predicted_class or "", answer.predicted_name),
            "" if answer.confidence is None else f"{answer.confidence:.4f}",
            "" if answer.seconds is None else f"{answer.seconds:.2f}",
            reason(answer),
        )
        for answer in answers
    ]


def class_cell(label: str, name: str | None) -> Cell:
    """A class with its name for people; programs get the label."""
    return Cell(shown_class(label, name), program=label)


def reason(answer: Answer) -> str:
    """Why there is no class; for an execution that still runs, its ARN."""
    if answer.error:
        return f"{answer.error}: {answer.cause}"
    return (answer.execution or "") if answer.outcome == "running" else ""


def counted(answers: Sequence[Answer]) -> str:
    """How many ended how: `5 images: 3 accepted, 2 failed`."""
    outcomes = Counter(answer.outcome for answer in answers)
    parts = ", ".join(f"{outcomes[name]:,} {words}" for name, words in _WORDS.items() if outcomes[name])
    return f"{len(answers):,} image{'s' if len(answers) != 1 else ''}: {parts}"


def exit_code(answers: Sequence[Answer], interrupted: bool) -> int:
    """0: a confident answer for every image; 1: not for every one; 130 after Ctrl-C, as shells have it."""
    if interrupted:
        return 130
    return 0 if all(answer.outcome == "accepted" for answer in answers) else 1


def outcome_words(outcome: str) -> str:
    """An outcome as people say it."""
    return _WORDS.get(outcome, outcome)
