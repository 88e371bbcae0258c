"""A stream of new, labelled images, what the endpoint captured of it, and how the model does by that."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.processes import run

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCONES = (sys.executable, "-m", "operations")
SIMULATIONS = Path("build/simulations")
BURST = ("--burst", "300")
SINGLES = ("--minutes", "0.2", "--rate", "5")
CAPTURE_SECONDS = 20.0
"""How long an answer may take to be captured."""


@dataclass(frozen=True)
class Simulated:
    """What a simulation counted, its summary.json, and the file of its labels."""

    summary: dict[str, Any]
    labels: Path

    @property
    def answered(self) -> int:
        """Images that the model answered for."""
        return int(self.summary["accepted"] + self.summary["low_confidence"])

    def as_summary(self) -> dict[str, Any]:
        names = ("arrived", "accepted", "low_confidence", "errors", "seconds", "accuracy")
        return {name: self.summary[name] for name in names}

    def line(self) -> str:
        """What became of its images."""
        counts = self.summary
        return (
            f"{counts['arrived']:,} images in {counts['seconds']:.0f} s: {counts['accepted']:,} accepted, "
            f"{counts['low_confidence']:,} below the threshold, {counts['errors']:,} errors"
        )


def simulate(
    dataset: str, folder: Path, environment: Mapping[str, str], log: Path
) -> Iterator[tuple[str, Simulated]]:
    """A burst of 300 images in one run, then five a second for twelve seconds, an execution each.

    New pictures where these are of the same kind as those that the model was tested on, else the test part:
    drawn drivers are new people each, in cabins and before cameras that the few tested ones did not have.
    """
    pictures = ("--drawn",) if dataset == "drawn" else ("--dataset", str(folder))
    burst = (*BURST, *pictures, "--seed", "1")
    singles = (*SINGLES, *pictures, "--seed", "2")
    yield "many at once, in one run", _simulate("demo-burst", burst, environment, log)
    yield "one by one, five a second", _simulate("demo-stream", singles, environment, log)


def _simulate(name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Simulated:
    shutil.rmtree(SIMULATIONS / name, ignore_errors=True)  # an earlier demo's
    command = [*SCONES, "simulate", *arguments, "--name", name, "--json"]
    return Simulated(
        json.loads(run(command, environment, log, capture=True)), SIMULATIONS / name / "labels.jsonl"
    )


def join_labels(simulated: Sequence[Simulated], path: Path) -> None:
    """All labels in one file, as `scones report --labels` takes them."""
    path.write_text("".join(one.labels.read_text() for one in simulated))


def captured_records(s3: S3Client, uri: str, expected: int) -> list[dict[str, Any]]:
    """Everything captured under the prefix `uri`, as soon as it holds `expected` answers.

    Capture is written behind the answer, as on AWS. Raises TimeoutError naming how many came within
    CAPTURE_SECONDS.
    """
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    deadline = time.monotonic() + CAPTURE_SECONDS
    while True:
        records = list(_records(s3, bucket, prefix))
        if (found := sum(answers(record) for record in records)) >= expected:
            return records
        if time.monotonic() > deadline:
            raise TimeoutError(f"{found} of {expected} answers were captured")
        time.sleep(0.3)


def answers(record: dict[str, Any]) -> int:
    """How many images a record answers for: a pack's answer is a list of lists."""
    output = json.loads(record["captureData"]["endpointOutput"]["data"])
    return len(output) if isinstance(output, list) and isinstance(output[0], list | dict) else 1


def _records(s3: S3Client, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """A capture file holds one record a line, and any number of lines."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read().decode()
            yield from (json.loads(line) for line in body.splitlines() if line)


def run_monitor(environment: Mapping[str, str], log: Path) -> dict[str, Any]:
    """What the monitor function answers."""
    return dict(json.loads(run([*SCONES, "monitor", "--json"], environment, log, capture=True)))


def make_report(page: Path, labels: Path, environment: Mapping[str, str], log: Path) -> dict[str, Any]:
    """Write the page; its numbers."""
    command = [*SCONES, "report", "--labels", str(labels), "--out", str(page), "--json"]
    return dict(json.loads(run(command, environment, log, capture=True)))


def report_summary(numbers: dict[str, Any], page: Path) -> dict[str, Any]:
    """Verdict, checks and accuracy for summary.json, and how large the page is."""
    verdict = numbers["verdict"]
    return {
        "page": str(page),
        "bytes": page.stat().st_size,
        "inferences": numbers["captured"]["inferences"],
        "verdict": verdict["state"],
        "checks": {check["name"]: check["state"] for check in verdict["checks"]},
        "accuracy": {name: _interval(numbers["accuracy"][name]) for name in ("estimate", "labelled")},
    }


def report_lines(numbers: dict[str, Any]) -> list[tuple[str, str]]:
    """Each check with its state, and the estimated accuracy beside the real one, without."""
    lines = [
        (f"{check['state']:<10} {check['label']}: {check['value']}; limit: {check['limit']}", check["state"])
        for check in numbers["verdict"]["checks"]
    ]
    for name, title in (("estimate", "estimated from confidence"), ("labelled", "by the stream's labels")):
        if accuracy := numbers["accuracy"][name]:
            low, high = accuracy["low"], accuracy["high"]
            lines.append((f"accuracy   {title}: {accuracy['value']:.1%} ({low:.1%} to {high:.1%})", ""))
    if withdrawn := numbers["accuracy"]["withdrawn"]:
        lines.append((f"accuracy   {withdrawn}", ""))
    return lines


def _interval(accuracy: dict[str, Any] | None) -> dict[str, Any] | None:
    return accuracy and {name: accuracy[name] for name in ("value", "low", "high")}
