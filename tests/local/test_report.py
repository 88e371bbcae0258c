"""`scones report` and `scones monitor` on the deployed application: a burst and single images, all named."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from contracts.outputs import DATA_BUCKET, MODEL_ARTIFACT
from tests.local.deployed import captured
from tests.local.deployed.deployment import BLUE, GREY, RED, picture
from tests.local.deployed.emulator import Emulator
from tests.local.deployed.verbs import Verbs

SINGLES = {"red.png": RED, "blue.png": BLUE, "grey.png": GREY}
BURST = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def scones(
    aws: Emulator, deployed: dict[str, str], verb_server: subprocess.Popen[str], folder: Path
) -> Verbs:
    """After a burst of 30 images and three single ones, of which the model is not sure of one."""
    scones = Verbs(aws, verb_server, folder)
    (folder / "pictures").mkdir()
    for name, colour in SINGLES.items():
        (folder / "pictures" / name).write_bytes(picture(colour))
    before = answers(aws, deployed)
    scones.told("simulate", "--burst", str(BURST), "--drawn", "--name", "report-burst")
    scones.told("classify", "pictures", code=1)  # not every image has a confident answer
    end = time.monotonic() + 60
    while answers(aws, deployed) < before + BURST + len(SINGLES):
        assert time.monotonic() < end, "not everything was captured"
        time.sleep(0.2)
    return scones


@pytest.fixture(scope="module")
def numbers(scones: Verbs) -> dict[str, Any]:
    labels = "build/simulations/report-burst/labels.jsonl"
    told: dict[str, Any] = scones.told("report", "--hours", "1", "--labels", labels, "--out", "page.html")
    return told


def answers(aws: Emulator, deployed: dict[str, str]) -> int:
    """Images that the captured records answer for."""
    outputs = [
        json.loads(record["captureData"]["endpointOutput"]["data"])
        for record in captured.records(aws, deployed)
    ]
    packs = (isinstance(output, list) and isinstance(output[0], list | dict) for output in outputs)
    return sum(len(output) if pack else 1 for output, pack in zip(outputs, packs, strict=True))


def test_every_inference_has_its_image_and_its_execution(
    numbers: dict[str, Any], deployed: dict[str, str], folder: Path
) -> None:
    shown = [record for record in numbers["recent"] if record["execution"]]
    burst = [record for record in shown if record["execution"] == "report-burst"]
    assert {record["s3_key"] for record in burst} == {
        f"simulations/report-burst/images/{number:06}.png" for number in range(BURST)
    }
    singles = {record["s3_key"].rpartition("/")[2]: record for record in shown if record not in burst}
    assert singles.keys() >= SINGLES.keys()
    assert singles["red.png"]["class"] == "bicycle"
    assert singles["grey.png"]["low"]
    assert all(record["s3_bucket"] == deployed[DATA_BUCKET] for record in burst)
    assert all(record["picture"] for record in burst)
    assert (folder / "page.html").stat().st_size < 3_000_000


def test_the_stream_s_labels_stand_beside_the_estimate(numbers: dict[str, Any]) -> None:
    assert numbers["accuracy"]["labelled"]["images"] == BURST


def test_executions_are_those_of_step_functions(numbers: dict[str, Any]) -> None:
    assert numbers["executions"]["complete"]
    assert "LowConfidence" in {counted["error"] for counted in numbers["executions"]["errors"]}


def test_files_that_were_downloaded_give_the_same_numbers(
    scones: Verbs, numbers: dict[str, Any], aws: Emulator, deployed: dict[str, str], folder: Path
) -> None:
    for key, content in captured.files(aws, deployed).items():
        path = folder / "captured" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    artifact = folder / "model.tar.gz"
    bucket, _, key = deployed[MODEL_ARTIFACT].removeprefix("s3://").partition("/")
    aws.client("s3").download_file(bucket, key, str(artifact))
    told = scones.told("report", "--from", "captured", "--artifact", str(artifact))
    for part in ("model", "classes", "confidence", "hours", "images", "low_confidence"):
        assert told[part] == numbers[part], part


def test_the_monitor_runs_by_hand_and_counts_the_same(
    scones: Verbs, numbers: dict[str, Any], aws: Emulator
) -> None:
    answer = scones.told("monitor")
    bucket, _, key = answer["report"].removeprefix("s3://").partition("/")
    body = aws.client("s3").get_object(Bucket=bucket, Key=key.replace(".html", ".json"))["Body"].read()
    assert json.loads(body)["captured"]["inferences"] >= numbers["captured"]["inferences"]
