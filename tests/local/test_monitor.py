"""The deployed monitor: what was classified is on its page and in its numbers, each image once."""

from __future__ import annotations

import base64
import gzip
import json
import time
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.outputs import DATA_BUCKET, IMAGE_MACHINE, MONITOR
from tests.local.deployed import captured, executions
from tests.local.deployed.batches import Batches
from tests.local.deployed.deployment import BLUE, GREY, RED, picture
from tests.local.deployed.emulator import Emulator

SINGLE = {"watched/red.png": RED, "watched/blue.png": BLUE, "watched/grey.png": GREY}
PACKED = {f"watched/packed/{place}.png": (RED, BLUE, GREY)[place % 3] for place in range(5)}
SECONDS = 60


@dataclass(frozen=True)
class Captured:
    """What is in the capture files, counted without the monitor's code."""

    requests: int
    inferences: int
    ids: frozenset[str]


@dataclass(frozen=True)
class Stage:
    aws: Emulator
    outputs: dict[str, str]

    def captured(self) -> Captured:
        """All requests that were captured since the stage was deployed first."""
        records = captured.records(self.aws, self.outputs)
        ids = (record["eventMetadata"].get("inferenceId", "") for record in records)
        return Captured(len(records), sum(map(_images, records)), frozenset(ids))

    def invoke(self) -> dict[str, Any]:
        """Run the monitor, once its schedule does not."""
        functions = self.aws.client("lambda")
        end = time.monotonic() + SECONDS
        while True:
            try:
                said = functions.invoke(FunctionName=self.outputs[MONITOR], Payload=b"{}")
            except functions.exceptions.TooManyRequestsException:
                assert time.monotonic() < end, "the monitor runs all the time"
                time.sleep(0.1)
                continue
            answer: dict[str, Any] = json.loads(said["Payload"].read())
            if answer.get("errorType") != "StateChanged":
                assert "FunctionError" not in said, answer
                return answer
            assert time.monotonic() < end, answer

    def settled(self) -> tuple[Captured, dict[str, Any], dict[str, Any]]:
        """What is captured, the numbers of exactly that, and the answer of the run that made them."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            before = self.captured()
            answer = self.invoke()
            if self.captured() == before:
                return before, json.loads(self.read("reports/latest.json")), answer
        raise AssertionError(f"captured data does not come to rest within {SECONDS} s")

    def read(self, key: str) -> bytes:
        answer = self.aws.client("s3").get_object(Bucket=self.outputs[DATA_BUCKET], Key=key)
        content: bytes = answer["Body"].read()
        return content

    def wait_for(self, ids: set[str]) -> None:
        """Until these requests are captured."""
        end = time.monotonic() + SECONDS
        while not ids <= self.captured().ids:
            assert time.monotonic() < end, f"not captured within {SECONDS} s: {ids - self.captured().ids}"
            time.sleep(0.1)


def _images(record: dict[str, Any]) -> int:
    """Images that a captured request was answered for: a pack's answer is a list of lists and of errors."""
    output = record["captureData"]["endpointOutput"]
    data = output["data"]
    answer = json.loads(base64.b64decode(data) if output["encoding"] == "BASE64" else data)
    if isinstance(answer, dict) or not isinstance(answer[0], list | dict):
        return 1
    return sum(isinstance(one, list) or "probabilities" in one for one in answer)


@pytest.fixture(scope="module")
def stage(aws: Emulator, deployed: dict[str, str]) -> Stage:
    return Stage(aws, deployed)


@dataclass(frozen=True)
class Watched:
    """What was there before and after images were classified, and the names of the executions."""

    before: tuple[Captured, dict[str, Any], dict[str, Any]]
    after: tuple[Captured, dict[str, Any], dict[str, Any]]
    names: dict[str, str]


@pytest.fixture(scope="module")
def watched(stage: Stage) -> Watched:
    """Three images classified one by one and five in packs, the monitor run before and after."""
    batches = Batches(stage.aws, stage.outputs)
    batches.put({key: picture(colour) for key, colour in {**SINGLE, **PACKED}.items()})
    before = stage.settled()
    machine = stage.outputs[IMAGE_MACHINE]
    arns = {key: executions.start(stage.aws, machine, {"image_data": "", "s3_key": key}) for key in SINGLE}
    run = batches.run(s3_prefix="watched/packed/", batch_size=3)
    run.check(listed=len(PACKED))
    names = {key: executions.finished(stage.aws, arn)["name"] for key, arn in arns.items()}
    stage.wait_for({*names.values()})
    end = time.monotonic() + SECONDS
    while stage.captured().inferences < before[0].inferences + len(SINGLE) + len(PACKED):
        assert time.monotonic() < end, "the packs were not captured"
        time.sleep(0.1)
    return Watched(before, stage.settled(), names)


def test_the_numbers_are_those_of_the_captured_data(watched: Watched) -> None:
    (files_before, before, _), (files, numbers, answer) = watched.before, watched.after
    assert files.inferences - files_before.inferences == len(SINGLE) + len(PACKED)
    for name in ("requests", "inferences"):
        more = getattr(files, name) - getattr(files_before, name)
        assert numbers["captured"][name] - before["captured"][name] == more
    assert numbers["captured"]["problems"] == before["captured"]["problems"]
    by_class = {one["name"]: one["inferences"] for one in numbers["classes"]}
    assert sum(by_class.values()) == numbers["captured"]["inferences"]
    assert answer["behind"] is False


def test_images_and_executions_are_named(watched: Watched) -> None:
    numbers = watched.after[1]
    shown = {one["execution"]: one for one in numbers["recent"]}
    for key, name in watched.names.items():
        assert shown[name]["s3_key"] == key
        assert shown[name]["picture"].startswith("data:image/webp;base64,")
    grey = shown[watched.names["watched/grey.png"]]
    assert grey["low"] is True
    assert {one["s3_key"] for one in numbers["recent"]} >= set(PACKED)
    assert numbers["executions"]["outcomes"]["FAILED"] >= 1
    assert "LowConfidence" in {one["error"] for one in numbers["executions"]["errors"]}


def test_the_page_is_beside_the_numbers(stage: Stage, watched: Watched) -> None:
    numbers, answer = watched.after[1:]
    key = answer["report"].removeprefix(f"s3://{stage.outputs[DATA_BUCKET]}/")
    page = stage.read(key)
    assert page.lower().startswith(b"<!doctype html>")
    assert len(page) < 3_000_000
    assert json.loads(stage.read(key.replace(".html", ".json")))["generated"] <= numbers["generated"]
    assert numbers["where"].startswith("AWS on loopback, http://127.0.0.1:")


def test_another_run_counts_nothing_twice(stage: Stage, watched: Watched) -> None:
    numbers = watched.after[1]
    again = stage.invoke()
    assert (again["files"], again["inferences"], again["behind"]) == (0, 0, False)
    assert json.loads(stage.read("reports/latest.json"))["captured"] == numbers["captured"]


def test_nothing_is_left_to_be_told(stage: Stage, watched: Watched) -> None:
    assert watched.after
    state = json.loads(gzip.decompress(stage.read("monitor/state.json.gz")))
    assert not any(value for name, value in state["news"].items() if name != "classes")
    assert state["told"] is None
