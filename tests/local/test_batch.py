"""Many images by one execution: every form of input, every size of list, and an answer for each entry."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.outputs import DATA_BUCKET, FAILURE_TOPIC, MODEL_DIGEST
from tests.local.deployed.batches import POOR, REJECTED, Batches, Run
from tests.local.deployed.deployment import BLUE, GREY, RED, picture, subscribe_queue
from tests.local.deployed.emulator import Emulator

COLOURS = {"bicycle": picture(RED), "motorcycle": picture(BLUE), "unsure": picture(GREY)}
SAMPLE = {
    "batch-sample/a b.png": "bicycle",
    "batch-sample/süß +.png": "motorcycle",
    "batch-sample/unter/c.png": "unsure",
    "batch-sample/unter/d.png": "motorcycle",
}
FORMS: dict[str, dict[str, Any]] = {
    "images": {"images": [{"s3_key": key} for key in SAMPLE]},
    "s3_prefix": {"s3_prefix": "batch-sample/"},
    "manifest_key": {"manifest_key": "lists/sample.jsonl"},
}
SIZE = 3
COUNTS = (1, SIZE - 1, SIZE, SIZE + 1)
TWICE = ["batch-sample/a b.png", "batch-sample/süß +.png"] * 2
WITHOUT_IMAGES = {
    "nothing below the prefix": ({"s3_prefix": "Batch-sample/Unter/"}, "/batch-sample/unter/'"),
    "an empty manifest": ({"manifest_key": "lists/empty.jsonl"}, "has no line"),
    "poor lines only": ({"manifest_key": "lists/poor.jsonl"}, "none of the 2 lines"),
    "misses only": ({"manifest_key": "lists/misses.txt"}, "2 ImageNotFound"),
}
"""Inputs, and words of the cause that their runs fail with."""
LONG_KEYS = [f"{n:04}{'é' * 510}" for n in range(200)]
"""Keys as long as S3 takes them, twice that and more as JSON: of no object."""
WRONG = {"s3_prefix": "batch-sample/", "images": []}
MANY, EVERY = 1_000, 20
OBJECTS = 300
"""Objects behind the good lines, a multiple of the number of colours; the lines go through them in turn."""
KINDS = [*POOR, *REJECTED]


@dataclass(frozen=True)
class Entry:
    """A line of the large manifest, and what is to come of it: a class, or an error."""

    line: str
    key: str
    expected: str


def large_manifest() -> list[Entry]:
    """1,000 lines; every twentieth is a poor one, of each kind in turn."""
    entries = []
    for n in range(MANY):
        kind = KINDS[n // EVERY % len(KINDS)] if n % EVERY == 7 else list(COLOURS)[n % len(COLOURS)]
        if kind in REJECTED:
            entries.append(Entry(REJECTED[kind][0], "", REJECTED[kind][1]))
            continue
        key = f"batch-many/{kind}.png" if kind in POOR else f"batch-many/{n % OBJECTS:03}.png"
        entries.append(Entry(json.dumps({"s3_key": key}), key, POOR[kind][1] if kind in POOR else kind))
    return entries


def upload(batches: Batches) -> None:
    """The objects and manifests of all runs."""
    many = large_manifest()
    poor = {f"batch-many/{kind}.png": body for kind, (body, _) in POOR.items() if body is not None}
    good = {entry.key: COLOURS[entry.expected] for entry in many if entry.expected in COLOURS}
    sample = {key: COLOURS[expected] for key, expected in SAMPLE.items()}
    folders = {"batch-sample/": b"", "batch-sample/unter/": b""}  # as consoles make them
    manifests = {
        "lists/sample.jsonl": "".join(json.dumps({"s3_key": key}) + "\n" for key in SAMPLE).encode(),
        "lists/empty.jsonl": b"",
        "lists/poor.jsonl": b'{nonsense\n\n{"s3_key": 3}\n',
        "lists/misses.txt": "odd/A.PNG\r\nodd/noext\r\n".encode("utf-16"),
        "lists/long-keys.jsonl": "\n".join(map(json.dumps, LONG_KEYS)).encode(),
        "lists/many.jsonl": "\n".join(entry.line for entry in many).encode(),
    }
    batches.put(poor | good | sample | folders | manifests)


@dataclass(frozen=True)
class Ended:
    """All runs of this module, and what the topic sent meanwhile."""

    runs: dict[str, Run]
    messages: list[dict[str, Any]]


@pytest.fixture(scope="module")
def ended(aws: Emulator, deployed: dict[str, str]) -> Iterator[Ended]:
    """Runs of every kind, all at once."""
    batches = Batches(aws, deployed)
    upload(batches)
    images = [{"s3_key": key} for key in list(SAMPLE)[: SIZE + 1]]
    inputs: dict[str, dict[str, Any]] = {
        "many": {"manifest_key": "lists/many.jsonl"},
        **FORMS,
        **{f"{count} images": {"images": images[:count], "batch_size": SIZE} for count in COUNTS},
        "twice": {"images": TWICE, "batch_size": 3},
        **{case: given for case, (given, _) in WITHOUT_IMAGES.items()},
        "long keys": {"manifest_key": "lists/long-keys.jsonl", "batch_size": 1_000},
        "wrong": WRONG,
        "all accepted": {**FORMS["s3_prefix"], "threshold": 0.0},
    }
    queue = subscribe_queue(aws, deployed[FAILURE_TOPIC])
    started = {case: batches.start(**given) for case, given in inputs.items()}
    runs = {case: batches.ended(arn) for case, arn in started.items()}
    yield Ended(runs, batches.told(queue, len(runs)))
    aws.client("sqs").delete_queue(QueueUrl=queue)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_input_classifies_the_same(ended: Ended, deployed: dict[str, str], form: str) -> None:
    run = ended.runs[form]
    run.check(len(SAMPLE))
    assert {row["s3_key"]: row["file"] for row in run.rows} == {
        key: "low_confidence" if expected == "unsure" else "accepted" for key, expected in SAMPLE.items()
    }
    sure = {row["s3_key"]: row["predicted_class"] for row in run.files["accepted"]}
    assert sure == {key: expected for key, expected in SAMPLE.items() if expected != "unsure"}
    assert {row["s3_bucket"] for row in run.rows} == {deployed[DATA_BUCKET]}
    assert run.summary["input"]["form"] == form
    assert (run.summary["model"], run.summary["threshold"]) == (deployed[MODEL_DIGEST][:12], 0.9)


def test_the_input_may_lower_the_threshold(ended: Ended) -> None:
    run = ended.runs["all accepted"]
    run.check(len(SAMPLE))
    assert len(run.files["accepted"]) == len(SAMPLE)


@pytest.mark.parametrize("count", COUNTS)
def test_a_list_of_any_length(ended: Ended, count: int) -> None:
    run = ended.runs[f"{count} images"]
    run.check(count)
    assert [row["s3_key"] for row in run.rows] == list(SAMPLE)[:count]
    sizes = [len(line["images"]) for line in run.plan]
    assert (sum(sizes), len(sizes)) == (count, math.ceil(count / SIZE))
    assert all(size == SIZE for size in sizes[:-1])


@pytest.mark.parametrize("case", WITHOUT_IMAGES)
def test_a_run_over_nothing_is_no_success(ended: Ended, case: str) -> None:
    run, words = ended.runs[case], WITHOUT_IMAGES[case][1]
    assert (run.description["status"], run.description["error"]) == ("FAILED", "NothingToClassify")
    assert words in json.loads(run.description["cause"])["errorMessage"]


def test_keys_that_make_a_state_large_end_a_batch_early(ended: Ended) -> None:
    run = ended.runs["long keys"]
    assert run.description["error"] == "NothingToClassify"
    assert [row["s3_key"] for row in run.rows] == LONG_KEYS
    assert {row["error"] for row in run.rows} == {"ImageNotFound"}
    assert len(run.plan) == 3


def test_a_key_that_is_listed_twice_is_answered_twice(ended: Ended) -> None:
    run = ended.runs["twice"]
    run.check(len(TWICE))
    assert [(row["s3_key"], row["predicted_class"]) for row in run.rows] == [
        (key, SAMPLE[key]) for key in TWICE
    ]
    assert len({row["inference_id"] for row in run.rows}) == len(TWICE)


def test_a_thousand_with_poor_ones_of_ten_kinds(ended: Ended) -> None:
    run, entries = ended.runs["many"], large_manifest()
    run.check(MANY)
    answers = [row.get("error") or row["predicted_class"] for row in run.rows]
    wanted = [entry.expected for entry in entries]
    sure = [n for n, expected in enumerate(wanted) if expected != "unsure"]
    assert [answers[n] for n in sure] == [wanted[n] for n in sure]
    files = {"unsure": "low_confidence", "bicycle": "accepted", "motorcycle": "accepted"}
    assert [row["file"] for row in run.rows] == [files.get(expected, "errors") for expected in wanted]
    assert [row["s3_key"] for row in run.rows if "line" not in row] == [e.key for e in entries if e.key]
    lines = [row["line"] for row in run.files["errors"] if "line" in row]
    assert sorted(lines) == [n for n, entry in enumerate(entries, 1) if not entry.key]
    assert len(run.files["errors"]) == MANY // EVERY
    names = {entry.expected for entry in entries} - set(COLOURS)
    assert run.summary["errors_by_name"] == {name: wanted.count(name) for name in names}
    assert len(run.plan) == run.summary["batches"] == 10


def test_a_run_is_told_once_and_no_image_is(ended: Ended) -> None:
    told = {
        case: [m for m in ended.messages if f"Execution: {run.arn}" in m["Message"]]
        for case, run in ended.runs.items()
    }
    assert {case: len(messages) for case, messages in told.items()} == dict.fromkeys(ended.runs, 1)
    assert len(ended.messages) == len(ended.runs)
    (message,) = told["many"]
    for outcome, words in (
        ("accepted", "accepted"),
        ("low_confidence", "low confidence"),
        ("errors", "errors"),
    ):
        assert f"{ended.runs['many'].summary[outcome]:,} {words}" in message["Subject"]
    assert ended.runs["many"].name in message["Message"]


def test_an_input_that_names_no_list_fails_and_says_why(ended: Ended) -> None:
    run = ended.runs["wrong"]
    assert (run.description["status"], run.description["error"]) == ("FAILED", "InvalidInput")
    (message,) = [m for m in ended.messages if run.arn in m["Message"]]
    assert "(FAILED)" in message["Message"]
    assert f"describe-execution --execution-arn {run.arn} --query" in message["Message"]
