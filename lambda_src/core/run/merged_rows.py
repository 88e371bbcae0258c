"""Every listed image exactly once, from what the batches answered, or an error that says which not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator

from lambda_src.core.batch.records import read_batch, read_filtered_batch
from lambda_src.core.batch.rows import ERROR, BatchImage, Row, row_problem
from lambda_src.core.errors import IncompleteResults, InvalidInput
from lambda_src.core.location import address
from lambda_src.core.run.map_results import BatchResult

_MOST_NAMED = 10
_DIGEST_BYTES = 8


class Problems:
    """Some of what is wrong, in words, and how many of it there are: messages stay short, memory flat."""

    def __init__(self) -> None:
        self.count = 0
        self._words: list[str] = []

    def add(self, words: str) -> None:
        """Count one more; the first few are kept."""
        self.count += 1
        if len(self._words) < _MOST_NAMED:
            self._words.append(words)

    def __str__(self) -> str:
        more = f" and {self.count - len(self._words)} more" if self.count > len(self._words) else ""
        return ", ".join(self._words) + more


class MergedRows:
    """Takes rejected lines, results and the plan, in that order; `finish` says whether each image is there.

    `write` gets each row once with its outcome, which is no longer in it. Memory: a byte an image, nine a
    batch, and what is to be said of batches that failed.
    """

    def __init__(self, listed: int, batches: int, write: Callable[[str, Row], object]) -> None:
        self._write = write
        self._seen = bytearray(listed)
        self._answers = bytearray(batches * _DIGEST_BYTES)
        self._answered = bytearray(batches)
        self._failures: dict[int, tuple[str, str]] = {}
        self._missing, self._missing_batches = Problems(), Problems()
        self._double, self._wrong = Problems(), Problems()

    def add_rejected(self, row: Row) -> None:
        """The row of a line that named no image."""
        self._add(row, "rejected lines")

    def add_result(self, result: BatchResult) -> None:
        """What became of a batch. One that succeeded has, whatever else is said of it.

        The same answer twice is one answer: files that a redrive left can list a batch again.
        """
        if result.batch is None or not 0 <= result.batch < len(self._answered):
            batches = len(self._answered)
            self._wrong.add(f"a result of batch {result.batch}, which the plan of {batches} has not")
        elif result.output is None:
            if result.error:
                self._failures[result.batch] = (result.error, result.cause)
            else:
                self._wrong.add(f"batch {result.batch} succeeded without output")
        elif self._is_new(result.batch, result.output):
            self._add_answer(result.batch, result.output)

    def add_planned(self, line: object) -> None:
        """A line of the plan; images of a batch that failed become rows with its error."""
        try:
            batch, images = read_batch(line)
        except InvalidInput as error:
            self._wrong.add(f"a line of the plan: {error}")
            return
        missing = [image for image in images if image.n >= len(self._seen) or not self._seen[image.n]]
        failure = None if self._has_answered(batch) else self._failures.get(batch)
        if failure is None:
            self._miss(batch, missing)
            return
        for image in missing:
            self._add(_failed_row(image, *failure), f"batch {batch}")

    def finish(self) -> None:
        """Raise IncompleteResults unless each n was there once."""
        missing = self._seen.count(0)
        if not missing and not self._double.count and not self._wrong.count:
            return
        said = []
        if missing:
            listed, numbers = len(self._seen), self._missing_numbers()
            said.append(f"{missing} of {listed} listed images are missing: n {numbers}")
            if self._missing_batches.count:
                said.append(f"of batch {self._missing_batches}, namely {self._missing}")
        if self._double.count:
            said.append(f"there more than once: {self._double}")
        if self._wrong.count:
            said.append(f"not as it should be: {self._wrong}")
        raise IncompleteResults(
            f"{'; '.join(said)}. Redrive the execution to merge the results anew, or start the run again"
        )

    def _has_answered(self, batch: int) -> bool:
        return batch < len(self._answered) and bool(self._answered[batch])

    def _is_new(self, batch: int, output: str) -> bool:
        digest = hashlib.blake2b(output.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
        bytes_ = slice(batch * _DIGEST_BYTES, (batch + 1) * _DIGEST_BYTES)
        if not self._answered[batch]:
            self._answered[batch] = 1
            self._answers[bytes_] = digest
            return True
        if self._answers[bytes_] != digest:
            self._double.add(f"batch {batch}, with different answers")
        return False

    def _add_answer(self, batch: int, output: str) -> None:
        try:
            answer = read_filtered_batch(json.loads(output))
        except (ValueError, RecursionError, InvalidInput) as error:
            self._wrong.add(f"the output of batch {batch}: {error}")
            return
        if answer.batch != batch:
            self._wrong.add(f"batch {batch} answered as batch {answer.batch}")
            return
        for row in answer.rows:
            self._add(row, f"batch {batch}")

    def _add(self, row: Row, origin: str) -> None:
        if problem := row_problem(row):
            self._wrong.add(f"a row of {origin} {problem}")
            return
        n = row["n"]
        if n >= len(self._seen):
            self._wrong.add(f"n {n} in {origin}, of {len(self._seen)} that are listed")
        elif self._seen[n]:
            self._double.add(f"n {n} ({_named(row)}) again in {origin}")
        else:
            self._seen[n] = 1
            self._write(row["outcome"], {name: value for name, value in row.items() if name != "outcome"})

    def _miss(self, batch: int, missing: list[BatchImage]) -> None:
        if missing:
            self._missing_batches.add(str(batch))
        for image in missing:
            self._missing.add(f"n {image.n} ({address(image.s3_bucket, image.s3_key)})")

    def _missing_numbers(self) -> str:
        gaps = Problems()
        for first, last in _gaps(self._seen):
            gaps.add(str(first) if first == last else f"{first} to {last}")
        return str(gaps)


def _failed_row(image: BatchImage, error: str, cause: str) -> Row:
    return {**image._asdict(), "outcome": ERROR, "error": error, "cause": cause}


def _named(row: Row) -> str:
    return address(str(row.get("s3_bucket", "")), str(row.get("s3_key", "")))


def _gaps(seen: bytearray) -> Iterator[tuple[int, int]]:
    """First and last of each run of numbers that were not seen."""
    start = seen.find(0)
    while start >= 0:
        end = seen.find(1, start)
        yield start, (end if end >= 0 else len(seen)) - 1
        start = seen.find(0, end) if end >= 0 else -1
