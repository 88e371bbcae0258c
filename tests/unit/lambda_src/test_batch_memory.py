"""Planning and merging 100,000 images, each in a process of its own: its memory does not grow with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.aws import aws_in_process
from tests.unit.lambda_src.batch_run import BUCKET, FOLDER, child, read_lines, succeeded, write_results
from tests.unit.lambda_src.conftest import ENVIRONMENT
from tests.unit.lambda_src.moto_server import moto_server

ROOT = Path(__file__).parents[3]
LIMIT_MB = 150
GROWTH_MB = 40
"""Parts of three files that are being written, and a batch's row with what it is parsed into."""
# Not getrusage's figure: that begins with the peak of the process which this one was forked from.
CODE = """
import json, re, sys
from importlib import import_module
handler = import_module(f"lambda_src.{sys.argv[1]}").handler
output = handler({"execution_name": "execution-1", "input": json.load(sys.stdin)}, None)
peak_mb = int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({"output": output, "peak_mb": peak_mb}))
"""


def run(function: str, url: str, fields: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """A function's output and the peak of its process in MB."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, function],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **ENVIRONMENT, "AWS_ENDPOINT_URL": url},
        input=json.dumps(fields),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    return answer["output"], answer["peak_mb"]


def listed(count: int, start: int) -> tuple[list[str], int | None]:
    """A page of a bucket of `count` images."""
    end = min(start + 1_000, count)
    keys = [f"inbox/2026-11-20/camera-7/image_{n:08}.png" for n in range(start, end)]
    return keys, end if end < count else None


def peaks(count: int) -> tuple[float, float]:
    """Peaks of planning and of merging so many images, every tenth batch having failed."""
    with aws_in_process(BUCKET) as aws, moto_server(partial(listed, count)) as url:
        planned, planning = run("plan_batches", url, {"s3_prefix": "inbox/", "batch_size": 100})
        assert planned["listed"] == count
        lines = read_lines(aws, "plan.jsonl")
        failed = [child(line, "FAILED", Error="ModelFailed", Cause="x" * 32_000) for line in lines[::10]]
        rows = [succeeded(line) for line in lines if line["batch"] % 10]
        results = write_results(aws, {"SUCCEEDED": [rows], "FAILED": [failed]})
        summary, merging = run("merge_results", url, {"plan": planned, "results": results})
        assert (summary["accepted"], summary["errors"]) == (count * 9 // 10, count // 10)
        assert aws.objects[BUCKET, f"{FOLDER}errors.jsonl"].count(b"\n") == count // 10
    return planning, merging


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads a process's peak from Linux")
def test_100_000_images_take_little_more_memory_than_1_000() -> None:
    few, many = peaks(1_000), peaks(100_000)
    figures = {"1,000: plan, merge": few, "100,000: plan, merge": many}
    assert max(many) < LIMIT_MB, figures
    assert max(peak - before for peak, before in zip(many, few, strict=True)) < GROWTH_MB, figures
