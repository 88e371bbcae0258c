"""Many pictures dropped into the inbox, which gathers them: each is in the results, and once.

The application runs on a local AWS, deployed there by the CDK command line with `workflow.inbox.mode` gather,
with a network trained for the measurement. `python -m bench.inbox --images 500` is a smaller one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.batch import Entry, demo_model, entry
from bench.deployed_app import App, deploy, drawn_pictures
from bench.local_aws import local_aws
from contracts.names import RESULTS_FOLDER
from contracts.outputs import BATCH_MACHINE

IMAGES = 5_000
PREFIX = "inbox/"
OUTCOMES = ("accepted", "low_confidence", "errors")
SETTINGS = {"inbox": {"mode": "gather", "seconds": 60}}
LONGEST_SECONDS = 900.0
LOOK_SECONDS = 1.0


def run(images: int = IMAGES) -> list[Entry]:
    """Minutes, most of them for the deployment and the schedule."""
    with tempfile.TemporaryDirectory() as name, local_aws() as aws:
        app = deploy(aws, demo_model(Path(name) / "model"), Path(name), SETTINGS)
        began = time.monotonic()
        keys = app.upload(list(drawn_pictures(min(images, 200))), PREFIX, images)
        dropped = time.monotonic()
        runs = all_handed_on(app, images)
        ended = time.monotonic()
        return list(figures(app, keys, runs, dropped - began, ended - dropped))


def all_handed_on(app: App, images: int) -> list[dict[str, Any]]:
    """Runs of the inbox, once those that succeeded list so many images; RuntimeError when one fails."""
    states, end = app.aws.client("stepfunctions"), time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end:
        found = states.list_executions(stateMachineArn=app.outputs[BATCH_MACHINE])["executions"]
        runs = [states.describe_execution(executionArn=one["executionArn"]) for one in found]
        if failed := [one for one in runs if one["status"] not in ("RUNNING", "SUCCEEDED")]:
            raise RuntimeError(f"{failed[0]['name']} is {failed[0]['status']}: {failed[0].get('cause')}")
        ended = [one for one in runs if one["status"] == "SUCCEEDED"]
        if sum(json.loads(one["output"])["listed"] for one in ended) >= images:
            return ended
        time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"not all of {images} images were classified within {LONGEST_SECONDS:.0f} s")


def figures(
    app: App, keys: list[str], runs: list[dict[str, Any]], dropping: float, waiting: float
) -> list[Entry]:
    """Rows by key, against what was dropped."""
    rows: Counter[str] = Counter()
    for one in runs:
        rows.update(keys_of(app, one["name"]))
    images = len(keys)
    once = sum(rows[key] == 1 for key in keys)
    what = f"{images} pictures dropped into the inbox"
    return [
        entry(f"{what}: with one row", once, "images", images, at_least=1.0),
        entry(f"{what}: rows", rows.total(), "rows", images, at_most=1.0),
        entry(f"{what}: runs", len(runs), "runs"),
        entry(f"{what}: dropping them", dropping, "s"),
        entry(f"{what}: from the last one to the last result", waiting, "s"),
    ]


def keys_of(app: App, name: str) -> list[str]:
    """Of each row of a run's result files."""
    s3 = app.aws.client("s3")
    files = (f"{RESULTS_FOLDER}{name}/{outcome}.jsonl" for outcome in OUTCOMES)
    bodies = (s3.get_object(Bucket=app.bucket, Key=key)["Body"].read() for key in files)
    return [json.loads(line)["s3_key"] for body in bodies for line in body.splitlines()]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.inbox", description=__doc__)
    parser.add_argument("--images", type=int, default=IMAGES)
    began = time.monotonic()
    entries = run(parser.parse_args().images)
    for one in entries:
        print(
            f"{one['name']}: {one['value']:g} {one['unit']}"
            + ("" if one["met"] is not False else ": NOT MET")
        )
    print(f"took {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 1 if any(one["met"] is False for one in entries) else 0


if __name__ == "__main__":
    sys.exit(main())
