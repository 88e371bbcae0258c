"""A run and its replays as one: each image of the first exactly once, the latest answer wins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lambda_src.core.batch.rows import ACCEPTED, ERROR, LOW_CONFIDENCE, Row
from operations.aws.errors import OperationError

Answer = tuple[str, Row]
"""The name of the execution that gave a row, and the row."""


class Replay(NamedTuple):
    """A run over images of `replay_of`: its n-th image has the number `numbers[n]` there."""

    execution: str
    replay_of: str
    numbers: Sequence[int]
    rows: Iterable[Row]


class MergeError(OperationError):
    """Rows that do not fit together: an image twice, or one that nobody listed."""


def merged_rows(first: str, rows: Iterable[Row], replays: Iterable[Replay]) -> Iterator[Row]:
    """The rows of the run `first`, each with the `execution` that answered, its number that in the first.

    `replays` in the order of time, a replay's replay after it. A later row takes the place of an earlier one,
    except that an error never takes that of a prediction. Memory: a byte or two an image, and the replays'
    rows. Raises MergeError.
    """
    answers = _replayed(first, replays)
    seen = _Numbers(first)
    for row in rows:
        seen.add(row["n"])
        execution, latest = _later((first, row), answers.get(row["n"]))
        yield {**latest, "n": row["n"], "execution": execution}


def still_failed(first: str, errors: Iterable[Row], replays: Iterable[Replay]) -> Iterator[Row]:
    """Of the first run's error rows those that no replay has an answer for, with their latest error."""
    return (row for row in merged_rows(first, errors, replays) if row["outcome"] == ERROR)


def merged_counts(rows: Iterable[Row]) -> dict[str, Any]:
    """Counts of merged rows, named as in a summary."""
    outcomes: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    executions: Counter[str] = Counter()
    for row in rows:
        outcomes[row["outcome"]] += 1
        executions[row["execution"]] += 1
        if row["outcome"] == ERROR:
            errors[row["error"]] += 1
    return {
        "listed": outcomes.total(),
        "accepted": outcomes[ACCEPTED],
        "low_confidence": outcomes[LOW_CONFIDENCE],
        "errors": outcomes[ERROR],
        "errors_by_name": dict(errors.most_common()),
        "answered_by": dict(executions.most_common()),
    }


def _replayed(first: str, replays: Iterable[Replay]) -> Mapping[int, Answer]:
    """The latest answer of any replay, by the number in the first run."""
    answers: dict[int, Answer] = {}
    numbers: dict[str, Sequence[int]] = {}
    for replay in replays:
        numbers[replay.execution] = _numbers_in_first(first, replay, numbers)
        seen = _Numbers(replay.execution)
        for row in replay.rows:
            seen.add(row["n"])
            if row["n"] >= len(replay.numbers):
                raise MergeError(f"{replay.execution} answers for n {row['n']}, which it was not given")
            n = numbers[replay.execution][row["n"]]
            answers[n] = _later(answers.get(n, (replay.execution, row)), (replay.execution, row))
    return answers


def _numbers_in_first(first: str, replay: Replay, numbers: Mapping[str, Sequence[int]]) -> Sequence[int]:
    if replay.replay_of == first:
        return replay.numbers
    if replay.replay_of not in numbers:
        raise MergeError(f"{replay.execution} replays {replay.replay_of}, which is not known before it")
    parent = numbers[replay.replay_of]
    return [parent[n] for n in replay.numbers]


def _later(earlier: Answer, later: Answer | None) -> Answer:
    if later is None or (later[1]["outcome"] == ERROR and earlier[1]["outcome"] != ERROR):
        return earlier
    return later


class _Numbers:
    """Remembers numbers from 0, and complains of one that comes again."""

    def __init__(self, execution: str) -> None:
        self._execution = execution
        self._seen = bytearray()

    def add(self, n: int) -> None:
        if n >= len(self._seen):
            self._seen.extend(bytes(max(n + 1 - len(self._seen), len(self._seen), 1024)))
        if self._seen[n]:
            raise MergeError(f"{self._execution} answers twice for n {n}")
        self._seen[n] = 1
