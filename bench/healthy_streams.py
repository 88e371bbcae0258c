"""Twenty healthy streams, none of which may raise an alarm, and a drifting one, which must.

Each stream is 2,000 drawn pictures that nothing was trained on, by a seed of its own: most of them by one
execution over many images, the others one by one, as `scones simulate` sends them. After each the monitor
runs by hand, and every change of an alarm's state to ALARM counts. Captured data and the monitor's place are
deleted in between, so that each stream is judged by itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.batch import train
from bench.deployed_app import NAMES, App, deploy
from bench.local_aws import ROOT, local_aws
from contracts.names import CAPTURE_FOLDER, MONITOR_FOLDER
from contracts.outputs import MONITOR

SEEDS = range(1, 21)
BURST, MINUTES, RATE = 1_700, 0.25, 20
"""Images at once, and a stream of about 300 (20 a second for a quarter of a minute)."""
SETTLE_SECONDS, DEADLINE_SECONDS = 15.0, 60.0
"""How long alarms are watched after a run (they are evaluated every few seconds), or awaited."""

Entry = dict[str, Any]


def run(seeds: Sequence[int] = SEEDS) -> list[Entry]:
    """About half a minute a stream."""
    with tempfile.TemporaryDirectory() as name, local_aws() as aws:
        app = deploy(aws, train(Path(name)), Path(name))
        raised, images = [], 0
        for seed in seeds:
            images += stream(app, seed)
            monitor(app)
            time.sleep(SETTLE_SECONDS)
            raised += [f"{alarm} (seed {seed})" for alarm in alarms_raised(app)]
            forget(app)
        stream(app, 0, "--drift", "brightness", "--drift-from", "0.2")
        monitor(app)
        drifted = await_alarm(app, NAMES.alarm("drift"))
    print("\n".join(raised) or "no alarm", file=sys.stderr)
    return [
        {
            "name": f"alarms raised by {len(seeds)} healthy streams of about {images // len(seeds)} images",
            "value": len(raised),
            "unit": "alarms",
            "reference": None,
            "ratio": None,
            "goal": 0,
            "met": not raised,
        },
        {
            "name": "alarm on drift raised by a stream that becomes brighter",
            "value": int(drifted),
            "unit": "alarms",
            "reference": None,
            "ratio": None,
            "goal": 1,
            "met": drifted,
        },
    ]


def stream(app: App, seed: int, *drift: str) -> int:
    """Simulate 2,000 images; how many arrived."""
    burst = simulate(app, seed, "--burst", str(BURST), *drift)
    steady = simulate(app, seed + 1_000, "--minutes", str(MINUTES), "--rate", str(RATE), *drift)
    return int(burst["arrived"]) + int(steady["arrived"])


def simulate(app: App, seed: int, *arguments: str) -> dict[str, Any]:
    """The summary of `scones simulate`, in a folder of its own."""
    command = ("operations", "simulate", "--drawn", "--seed", str(seed), "--json", *arguments)
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | app.aws.environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return dict(json.loads(done.stdout))


def monitor(app: App) -> None:
    """Run the monitor until it is not behind."""
    behind = True
    while behind:
        answer = app.aws.client("lambda").invoke(FunctionName=app.outputs[MONITOR])
        said = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise RuntimeError(f"the monitor failed: {said}")
        behind = said["behind"]


def alarms_raised(app: App) -> list[str]:
    """Alarms that went to ALARM since they were forgotten."""
    history = app.aws.client("cloudwatch").get_paginator("describe_alarm_history")
    return sorted(
        {
            item["AlarmName"]
            for kind in ("MetricAlarm", "CompositeAlarm")
            for page in history.paginate(HistoryItemType="StateUpdate", AlarmTypes=[kind])
            for item in page["AlarmHistoryItems"]
            if "to ALARM" in item["HistorySummary"]
        }
    )


def await_alarm(app: App, name: str) -> bool:
    """Whether the alarm is in ALARM before the deadline."""
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        if name in alarms_raised(app):
            return True
        time.sleep(1)
    return False


def forget(app: App) -> None:
    """Delete what was captured and the monitor's place."""
    s3 = app.aws.client("s3")
    for prefix in (CAPTURE_FOLDER, MONITOR_FOLDER):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=app.bucket, Prefix=prefix):
            keys = [{"Key": entry["Key"]} for entry in page.get("Contents", ())]
            if keys:
                s3.delete_objects(Bucket=app.bucket, Delete={"Objects": keys})
