"""Inferences get the names of their images, singles and packs alike, and what is gone has none."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_src.core.inference_id import inference_id, pack_inference_id
from reports.history.executions import list_executions
from reports.history.image_names import ImageName, image_names
from tests.unit.reports.history.step_functions import MACHINES, MemoryStates, refusal

DAY = datetime(2026, 11, 21, tzinfo=UTC)
DATA = "data-bucket"


class Body(io.BytesIO):
    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while chunk := self.read(min(size, 50)):
            yield chunk


class Results:
    """The data bucket with results of runs; `refused` raises for every request."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.refused: ClientError | None = None
        self.listed = 0

    def put(self, execution: str, outcome: str, *rows: dict[str, Any]) -> None:
        lines = [json.dumps(row) for row in rows]
        self.objects[f"results/{execution}/{outcome}.jsonl"] = ("\n".join(lines) + "\n").encode()

    def get_object(self, **given: Any) -> dict[str, Any]:
        if self.refused:
            raise self.refused
        if given["Key"] not in self.objects:
            raise refusal("GetObject", "NoSuchKey")
        return {"Body": Body(self.objects[given["Key"]])}

    def get_paginator(self, _operation: str) -> Any:
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, Bucket: str, Prefix: str, Delimiter: str) -> Iterator[dict[str, Any]]:
        assert (Bucket, Prefix, Delimiter) == (DATA, "results/", "/")
        if self.refused:
            raise self.refused
        self.listed += 1
        folders = sorted({key.split("/")[1] for key in self.objects})
        yield {"CommonPrefixes": [{"Prefix": f"results/{folder}/"} for folder in folders]}


@pytest.fixture
def states() -> MemoryStates:
    return MemoryStates()


@pytest.fixture
def results() -> Results:
    return Results()


def named(
    states: MemoryStates, results: Results, *ids: str, hours: int = 24, limit: int = 1000
) -> dict[str, ImageName]:
    window = DAY, DAY + timedelta(hours=hours)
    history = list_executions(states, MACHINES, *window)  # type: ignore[arg-type]
    return image_names(ids, history, states, results, DATA, limit=limit)  # type: ignore[arg-type]


def row(key: str, id: str) -> dict[str, Any]:
    return {"n": 0, "s3_bucket": "images", "s3_key": key, "outcome": "accepted", "inference_id": id}


def test_single_images_by_their_executions_whatever_their_names(
    states: MemoryStates, results: Results
) -> None:
    long = "an execution/with a name, " + "x" * 50
    plain = states.add("image", "plain", DAY, given={"s3_key": "a.png"})
    states.add("image", long, DAY, given={"s3_bucket": "others", "s3_key": "b c.png"})
    states.add("image", "inline", DAY, given={"image_data": "aGk="})
    states.add("image", "odd", DAY, given="[1")
    found = named(states, results, "plain", inference_id(long), "inline", "odd", "plain")
    assert found["plain"] == ImageName(DATA, "a.png", "plain", plain)
    assert found[inference_id(long)][:3] == ("others", "b c.png", long)
    assert found["inline"][:3] == (*found["odd"][:2], "inline") == ("", "", "inline")
    assert len(states.described) == 4


def test_what_was_looked_up_for_its_error_is_not_looked_up_again(
    states: MemoryStates, results: Results
) -> None:
    states.add("image", "low", DAY, "FAILED", error="LowConfidence", given={"s3_key": "a.png"})
    assert named(states, results, "low")["low"].s3_key == "a.png"
    assert len(states.described) == 1


def test_direct_invocations_have_no_image(states: MemoryStates, results: Results) -> None:
    states.add("image", "plain", DAY, given={"s3_key": "a.png"})
    digest = pack_inference_id("never", "0-0")
    assert named(states, results, "bench-1", "plain", f"{digest}#0", "mine#1", "x" * 65).keys() == {"plain"}


def test_an_execution_that_started_before_the_window_has_its_name(
    states: MemoryStates, results: Results
) -> None:
    states.add("image", "early", DAY - timedelta(seconds=5), given={"s3_key": "a.png"})
    assert named(states, results, "early")["early"].s3_key == "a.png"


def test_images_of_packs_also_of_halves_and_replays(states: MemoryStates, results: Results) -> None:
    arn = states.add("batch", "run", DAY)
    states.add("batch", "replay-1", DAY, given={"replay_of": "run"})
    states.add("batch", "not-asked", DAY)
    ids = [
        pack_inference_id("run", "0-0") + "#0",
        pack_inference_id("run", "0-0") + ".2-4#1",
        pack_inference_id("run", "7-1") + "#19",
        pack_inference_id("replay-1", "0-0") + "#0",
    ]
    results.put("run", "low_confidence", row("low.png", ids[2]))
    results.put("run", "accepted", row("a.png", ids[0]), row("x.png", "other"), row("half.png", ids[1]))
    results.put("replay-1", "accepted", row("again.png", ids[3]))
    found = named(states, results, *ids)
    assert found[ids[0]] == ImageName("images", "a.png", "run", arn)
    assert [found[id].s3_key for id in ids] == ["a.png", "half.png", "low.png", "again.png"]
    assert found[ids[3]].execution == "replay-1"
    assert (states.described, results.listed) == ([], 0)


def test_a_run_that_is_listed_no_more_is_found_by_its_results(states: MemoryStates, results: Results) -> None:
    id = pack_inference_id("old-run", "0-0") + "#3"
    results.put("old-run", "accepted", row("a.png", id))
    assert named(states, results, id)[id][1:3] == ("a.png", "old-run")


def test_results_that_are_gone_damaged_or_refused_leave_the_others_named(
    states: MemoryStates, results: Results
) -> None:
    ids = {name: pack_inference_id(name, "0-0") + "#0" for name in ("gone", "damaged", "good")}
    for name in ids:
        states.add("batch", name, DAY)
    states.add("image", "plain", DAY, given={"s3_key": "a.png"})
    results.put("good", "accepted", row("b.png", ids["good"]))
    results.objects["results/damaged/accepted.jsonl"] = (
        b'{"inference_id": "%s", "s3_key' % ids["damaged"].encode()
    )
    assert named(states, results, "plain", *ids.values()).keys() == {"plain", ids["good"]}
    results.refused = refusal("GetObject", "AccessDenied")
    assert named(states, results, "plain", *ids.values(), "unlisted#0").keys() == {"plain"}


def test_no_more_than_the_limit_are_looked_up(states: MemoryStates, results: Results) -> None:
    for number in range(5):
        states.add("image", f"n{number}", DAY, given={"s3_key": "a.png"})
    assert named(states, results, *(f"n{number}" for number in range(5)), limit=3).keys() == {
        "n0",
        "n1",
        "n2",
    }
