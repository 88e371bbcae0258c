"""CPU time that a function takes before its first answer: interpreter, imports, clients.

Each figure is the median of several fresh processes, in ms of CPU; functions and references take turns, so
that a busy machine disturbs them alike. Trust the ratios. What needs the standard library only runs with
`python -S`, without site-packages: it fails if it needs more, and pays for nothing that is installed there.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from contracts.names import PACKS_FOLDER

ROOT = Path(__file__).parents[1]
ROUNDS = 7
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "dummy",
    "AWS_SECRET_ACCESS_KEY": "dummy",
    "AWS_DEFAULT_REGION": "us-east-1",
    "DATA_BUCKET": "data-bucket",
    "PACKS_PREFIX": PACKS_FOLDER,
    "ENDPOINT_NAME": "endpoint",
    "CLASS_COUNT": "2",
    "CLASS_NAMES": '["bicycle", "motorcycle"]',
    "THRESHOLD": "0.9",
}
#: Name -> statement whose cost is measured.
STATEMENTS = {
    "bare Python": "pass",
    "json, logging, re, typing": "import json, logging, re, typing",
    "boto3 client of s3": "import boto3; boto3.client('s3')",
    "boto3 client of sagemaker-runtime": "import boto3; boto3.client('sagemaker-runtime')",
    "boto3 clients of both": "import boto3; boto3.client('s3'); boto3.client('sagemaker-runtime')",
    "serialize_image": "import lambda_src.serialize_image",
    "classify_image": "import lambda_src.classify_image",
    "filter_predictions": "import lambda_src.filter_predictions",
}
WITHOUT_SITE_PACKAGES = {"bare Python", "json, logging, re, typing", "filter_predictions"}
#: (function, reference, largest ratio that the project promises, if it does)
COMPARISONS: tuple[tuple[str, str, float | None], ...] = (
    ("filter_predictions", "json, logging, re, typing", 1.5),
    ("filter_predictions", "bare Python", None),
    ("filter_predictions", "boto3 client of s3", 0.2),
    ("serialize_image", "boto3 client of s3", 1.1),
    ("classify_image", "boto3 client of sagemaker-runtime", 1.1),
    ("serialize_image", "boto3 clients of both", 1.0),
    ("classify_image", "boto3 clients of both", 1.0),
)


def run(rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """One entry a comparison; `value` and `reference` in ms of CPU, `goal` limits their ratio."""
    cost = measure(rounds)
    return [
        {
            "name": f"cold start of {function} / {reference}",
            "value": round(cost[function], 1),
            "unit": "ms CPU",
            "reference": round(cost[reference], 1),
            "ratio": round(cost[function] / cost[reference], 3),
            "goal": goal,
            "met": None if goal is None else cost[function] / cost[reference] <= goal,
        }
        for function, reference, goal in COMPARISONS
    ]


def measure(rounds: int) -> dict[str, float]:
    """Median ms of CPU of each statement; the first round compiles, and does not count beside others."""
    samples: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for _ in range(rounds + 1 if rounds > 1 else 1):
        for name, statement in STATEMENTS.items():
            samples[name].append(_cpu_ms(statement, ["-S"] if name in WITHOUT_SITE_PACKAGES else []))
    return {name: statistics.median(values[1:] or values) for name, values in samples.items()}


def _cpu_ms(statement: str, flags: list[str]) -> float:
    code = f"{statement}\nimport time\nprint(time.process_time() * 1000)"
    environment = {"PATH": os.environ.get("PATH", ""), **ENVIRONMENT}
    done = subprocess.run(
        [sys.executable, *flags, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(f"`{statement}` failed in a fresh process:\n{done.stderr}")
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
