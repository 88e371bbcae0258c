"""What is replayed, and which runs replay a run."""

from __future__ import annotations

import io
import json
from typing import Any

from lambda_src.core.run.manifest import ListedImage, manifest_entries
from operations.runs.files import RunFiles
from operations.runs.replay_manifests import Choice, find_replays, read_replays, replay_key, write_manifest
from tests.unit.operations.deployed import BUCKET, DeployedStage, client


def error(n: int, name: str, **more: Any) -> dict[str, Any]:
    return {"n": n, "s3_bucket": BUCKET, "s3_key": f"{n}.png", "error": name, "cause": "…"} | more


ERRORS = [
    error(0, "ModelFailed"),
    error(3, "ImageNotFound"),
    error(4, "ModelFailed"),
    error(5, "ImageTooLarge"),
]
LINE = error(7, "InvalidInput", s3_key="", line=8)


def test_everything_that_failed_is_taken() -> None:
    choice = Choice()
    assert list(choice.take(ERRORS)) == ERRORS
    assert choice.taken == {"ModelFailed": 2, "ImageNotFound": 1, "ImageTooLarge": 1}


def test_only_named_errors_are_taken_and_the_others_counted() -> None:
    choice = Choice(["ModelFailed", "ImageTooLarge"])
    assert [row["n"] for row in choice.take(ERRORS)] == [0, 4, 5]
    assert choice.left == {"ImageNotFound": 1}


def test_lines_that_name_no_image_are_counted_apart() -> None:
    choice = Choice()
    assert list(choice.take([LINE])) == []
    assert (choice.without_image, choice.taken.total()) == (1, 0)


def test_a_manifest_reads_as_any_other_and_keeps_the_numbers() -> None:
    file = io.BytesIO()
    assert write_manifest(ERRORS, file) == 4
    entries = list(manifest_entries([file.getvalue()], "default"))
    assert entries == [ListedImage(BUCKET, f"{n}.png") for n in (0, 3, 4, 5)]
    assert [json.loads(line)["n"] for line in file.getvalue().splitlines()] == [0, 3, 4, 5]


def test_replays_are_found_with_theirs_in_the_order_of_time(deployed: DeployedStage) -> None:
    first = RunFiles(client("s3"), BUCKET, "batch-1")
    assert find_replays(first) == []
    for parent, name in (("batch-1", "replay-3"), ("batch-1", "replay-1"), ("replay-1", "replay-2")):
        deployed.put_lines(replay_key(first._replace(execution=parent), name), [{"n": 9, "s3_key": "x"}])
    deployed.put_lines(replay_key(first._replace(execution="batch-10"), "replay-0"), [])
    found = find_replays(first)
    assert [(replay.execution, replay.replay_of) for replay in found] == [
        ("replay-1", "batch-1"),
        ("replay-2", "replay-1"),
        ("replay-3", "batch-1"),
    ]
    assert [(replay.numbers, list(replay.rows)) for replay in read_replays(first, found)] == [([9], [])] * 3
