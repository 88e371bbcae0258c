"""Inferences get the names of their images, singles and packs alike, and what is gone has none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambda_src.core.inference_id import inference_id, pack_inference_id
from reports.history.executions import list_executions
from reports.history.image_names import ImageName, image_names
from tests.aws import Aws, s3_error
from tests.unit.reports.clients import client
from tests.unit.reports.history.step_functions import MACHINES, Executions

DAY = datetime(2026, 11, 21, tzinfo=UTC)
DATA = "data-bucket"


@pytest.fixture(autouse=True)
def _rows_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.captured.object_stream.CHUNK_BYTES", 50)


def put(aws: Aws, execution: str, outcome: str, *rows: dict[str, Any]) -> None:
    lines = [json.dumps(row) for row in rows]
    aws.objects[DATA, f"results/{execution}/{outcome}.jsonl"] = ("\n".join(lines) + "\n").encode()


def named(executions: Executions, *ids: str, hours: int = 24, limit: int = 1000) -> dict[str, ImageName]:
    window = DAY, DAY + timedelta(hours=hours)
    history = list_executions(executions.client, MACHINES, *window)
    return image_names(ids, history, executions.client, client("s3"), DATA, limit=limit)


def row(key: str, id: str) -> dict[str, Any]:
    return {"n": 0, "s3_bucket": "images", "s3_key": key, "outcome": "accepted", "inference_id": id}


def test_single_images_by_their_executions_whatever_their_names(executions: Executions) -> None:
    long = "an execution/with a name, " + "x" * 50
    plain = executions.add("image", "plain", DAY, given={"s3_key": "a.png"})
    executions.add("image", long, DAY, given={"s3_bucket": "others", "s3_key": "b c.png"})
    executions.add("image", "inline", DAY, given={"image_data": "aGk="})
    executions.add("image", "odd", DAY, given="[1")
    found = named(executions, "plain", inference_id(long), "inline", "odd", "plain")
    assert found["plain"] == ImageName(DATA, "a.png", "plain", plain)
    assert found[inference_id(long)][:3] == ("others", "b c.png", long)
    assert found["inline"][:3] == (*found["odd"][:2], "inline") == ("", "", "inline")
    assert len(executions.described) == 4


def test_what_was_looked_up_for_its_error_is_not_looked_up_again(executions: Executions) -> None:
    executions.add("image", "low", DAY, "FAILED", error="LowConfidence", given={"s3_key": "a.png"})
    assert named(executions, "low")["low"].s3_key == "a.png"
    assert len(executions.described) == 1


def test_direct_invocations_have_no_image(executions: Executions) -> None:
    executions.add("image", "plain", DAY, given={"s3_key": "a.png"})
    digest = pack_inference_id("never", "0-0")
    assert named(executions, "bench-1", "plain", f"{digest}#0", "mine#1", "x" * 65).keys() == {"plain"}


def test_an_execution_that_started_before_the_window_has_its_name(executions: Executions) -> None:
    executions.add("image", "early", DAY - timedelta(seconds=5), given={"s3_key": "a.png"})
    assert named(executions, "early")["early"].s3_key == "a.png"


def test_images_of_packs_also_of_halves_and_replays(executions: Executions, aws: Aws) -> None:
    arn = executions.add("batch", "run", DAY)
    executions.add("batch", "replay-1", DAY, given={"replay_of": "run"})
    executions.add("batch", "not-asked", DAY)
    ids = [
        pack_inference_id("run", "0-0") + "#0",
        pack_inference_id("run", "0-0") + ".2-4#1",
        pack_inference_id("run", "7-1") + "#19",
        pack_inference_id("replay-1", "0-0") + "#0",
    ]
    put(aws, "run", "low_confidence", row("low.png", ids[2]))
    put(aws, "run", "accepted", row("a.png", ids[0]), row("x.png", "other"), row("half.png", ids[1]))
    put(aws, "replay-1", "accepted", row("again.png", ids[3]))
    found = named(executions, *ids)
    assert found[ids[0]] == ImageName("images", "a.png", "run", arn)
    assert [found[id].s3_key for id in ids] == ["a.png", "half.png", "low.png", "again.png"]
    assert found[ids[3]].execution == "replay-1"
    assert (executions.described, aws.calls("ListObjectsV2")) == ([], [])


def test_a_run_that_is_listed_no_more_is_found_by_its_results(executions: Executions, aws: Aws) -> None:
    id = pack_inference_id("old-run", "0-0") + "#3"
    put(aws, "old-run", "accepted", row("a.png", id))
    assert named(executions, id)[id][1:3] == ("a.png", "old-run")


def test_results_that_are_gone_damaged_or_refused_leave_the_others_named(
    executions: Executions, aws: Aws
) -> None:
    ids = {name: pack_inference_id(name, "0-0") + "#0" for name in ("gone", "damaged", "good")}
    for name in ids:
        executions.add("batch", name, DAY)
    executions.add("image", "plain", DAY, given={"s3_key": "a.png"})
    put(aws, "good", "accepted", row("b.png", ids["good"]))
    aws.objects[DATA, "results/damaged/accepted.jsonl"] = (
        b'{"inference_id": "%s", "s3_key' % ids["damaged"].encode()
    )
    assert named(executions, "plain", *ids.values()).keys() == {"plain", ids["good"]}
    aws.answers |= dict.fromkeys(("GetObject", "ListObjectsV2"), s3_error(403, "AccessDenied"))
    assert named(executions, "plain", *ids.values(), "unlisted#0").keys() == {"plain"}


def test_no_more_than_the_limit_are_looked_up(executions: Executions) -> None:
    for number in range(5):
        executions.add("image", f"n{number}", DAY, given={"s3_key": "a.png"})
    assert named(executions, *(f"n{number}" for number in range(5)), limit=3).keys() == {
        "n0",
        "n1",
        "n2",
    }
