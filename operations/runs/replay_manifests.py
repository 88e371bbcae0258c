"""Which runs replay a run: their manifests lie in the folder of the run that they replay.

A manifest of a replay is a list of images as any other; each line's `n` is the image's number in the first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from lambda_src.core.batch.rows import Row
from operations.runs.files import RunFiles
from operations.runs.merge import Replay
from operations.runs.rows import run_rows

FOLDER = "replays/"
SUFFIX = ".jsonl"


class ReplayManifest(NamedTuple):
    """A replay by the key of its manifest."""

    execution: str
    replay_of: str
    key: str


class Choice:
    """Takes of error rows those that can be classified again, and counts what it takes and leaves.

    `only`: names of the errors that are wanted; none for all. A line of a manifest that names no image cannot
    be replayed: it has to be corrected.
    """

    def __init__(self, only: Iterable[str] = ()) -> None:
        self._only = frozenset(only)
        self.taken: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.without_image = 0

    def take(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows to replay, in their order."""
        for row in rows:
            if self._only and row["error"] not in self._only:
                self.left[row["error"]] += 1
            elif "line" in row or not row["s3_key"]:
                self.without_image += 1
            else:
                self.taken[row["error"]] += 1
                yield row


def replay_key(files: RunFiles, execution: str) -> str:
    """Where the manifest of a replay of a run belongs."""
    return files.key(f"{FOLDER}{execution}{SUFFIX}")


def write_manifest(rows: Iterable[Row], file: IO[bytes]) -> int:
    """A line for each row: the image, its number, and why it is there; how many there are."""
    count = 0
    for row in rows:
        line = {name: row[name] for name in ("s3_bucket", "s3_key", "n", "error")}
        file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        count += 1
    return count


def find_replays(files: RunFiles) -> list[ReplayManifest]:
    """All replays of a run and of its replays, in the order of their start, which their names tell."""
    found: list[ReplayManifest] = []
    waiting = [files]
    while waiting:
        parent = waiting.pop()
        for key in parent.keys(FOLDER):
            execution = key.rpartition("/")[2].removesuffix(SUFFIX)
            found.append(ReplayManifest(execution, parent.execution, key))
            waiting.append(parent._replace(execution=execution))
    return sorted(found, key=lambda replay: replay.execution)


def read_replays(files: RunFiles, manifests: Iterable[ReplayManifest]) -> Iterator[Replay]:
    """The replays with what they answered. One that has listed nothing yet answers nothing."""
    for manifest in manifests:
        numbers = [row["n"] for row in files.rows_at(manifest.key)]
        rows = run_rows(files._replace(execution=manifest.execution))
        yield Replay(manifest.execution, manifest.replay_of, numbers, rows)
