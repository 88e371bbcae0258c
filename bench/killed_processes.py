"""Many images by one execution while the processes of its functions are killed: nothing may be lost.

The application runs on a local AWS, deployed there by the CDK command line, with a network trained for the
measurement. `python -m bench.killed_processes --images 200 --kills 4` is a smaller one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.batch import Entry, demo_model, entry
from bench.deployed_app import App, deploy, drawn_pictures
from bench.local_aws import local_aws
from bench.process_accounts import descendants, kind_of
from contracts.names import RESULTS_FOLDER
from contracts.outputs import BATCH_MACHINE

IMAGES, KILLS, BATCH_SIZE = 2_000, 20, 20
OUTCOMES = ("accepted", "low_confidence", "errors")
EVERY_SECONDS = 0.4
"""Between two kills: twenty of them are over before the run is."""


def run(images: int = IMAGES, kills: int = KILLS) -> list[Entry]:
    """Minutes, most of them for the deployment."""
    with tempfile.TemporaryDirectory() as name, local_aws() as aws:
        app = deploy(aws, demo_model(Path(name) / "model"), Path(name))
        app.upload(list(drawn_pictures(min(images, 200))), "bench/killed/", images)
        machine = app.outputs[BATCH_MACHINE]
        app.finished(machine, {"s3_prefix": "bench/killed/00000"}, every=0.25)  # processes are there
        killer = Killer(app.aws.pid, kills)
        with killer:
            given = {
                "s3_prefix": "bench/killed/",
                "batch_size": BATCH_SIZE,
                "tolerated_failure_percentage": 0,
            }
            said = app.finished(machine, given, every=0.25)
        return list(figures(app, said, images, killer.killed))


def figures(app: App, said: dict[str, Any], images: int, killed: int) -> list[Entry]:
    """What the run ended with, against what was listed."""
    if said["status"] != "SUCCEEDED":
        raise RuntimeError(f"the run ended as {said['status']}: {said.get('error')}: {said.get('cause')}")
    numbers, failed = rows(app, said["name"])
    once = sum(count == 1 for count in numbers.values())
    seconds = (said["stopDate"] - said["startDate"]).total_seconds()
    what = f"{images} images, {killed} processes killed in one run"
    return [
        entry(f"{what}: images with one result", once, "images", images, at_least=1.0),
        entry(f"{what}: images without an answer", failed, "images", images, at_most=0.0),
        entry(f"{what}: invocations that ended with their process", ended(app), "invocations"),
        entry(f"{what}: duration", seconds, "s"),
    ]


def rows(app: App, name: str) -> tuple[Counter[int], int]:
    """How often each image's number is in the result files, and how many rows are errors."""
    numbers, failed, s3 = Counter[int](), 0, app.aws.client("s3")
    for outcome in OUTCOMES:
        key = f"{RESULTS_FOLDER}{name}/{outcome}.jsonl"
        lines = s3.get_object(Bucket=app.bucket, Key=key)["Body"].read().splitlines()
        numbers.update(json.loads(line)["n"] for line in lines)
        failed += len(lines) if outcome == "errors" else 0
    return numbers, failed


def ended(app: App) -> int:
    """Invocations of which the log says that their process was gone."""
    pages = app.aws.client("logs").get_paginator("filter_log_events")
    return sum(
        "Runtime.ExitError" in event["message"]
        for function in (*app.batch_functions, *app.run_functions)
        for page in pages.paginate(logGroupName=f"/aws/lambda/{function}")
        for event in page["events"]
    )


class Killer:
    """Kills so many processes of functions, one at a time and any of them, while its block runs."""

    def __init__(self, pid: int, kills: int) -> None:
        self.killed = 0
        self._pid, self._kills = pid, kills
        self._random = random.Random(1)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._kill, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _kill(self) -> None:
        while self.killed < self._kills and not self._ended.wait(EVERY_SECONDS):
            found = [pid for pid in descendants(self._pid) if _kind(pid).startswith("function ")]
            if found:
                with suppress(ProcessLookupError):
                    os.kill(self._random.choice(found), signal.SIGKILL)
                    self.killed += 1


def _kind(pid: int) -> str:
    try:
        return kind_of(pid)
    except OSError:  # it has ended since
        return ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.killed_processes", description=__doc__)
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--kills", type=int, default=KILLS)
    arguments = parser.parse_args()
    began = time.monotonic()
    entries = run(arguments.images, arguments.kills)
    for one in entries:
        print(
            f"{one['name']}: {one['value']:g} {one['unit']}"
            + ("" if one["met"] is not False else ": NOT MET")
        )
    print(f"took {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 1 if any(one["met"] is False for one in entries) else 0


if __name__ == "__main__":
    sys.exit(main())
