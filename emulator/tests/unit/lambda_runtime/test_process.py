"""Processes of functions as the emulator starts and ends them."""

from __future__ import annotations

import io
import zipfile

import pytest
from loopback_aws.lambda_runtime import process
from ministack.core import lambda_runtime


def test_an_import_that_hangs_ends_and_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_runtime, "_PYTHON_WORKER_SCRIPT", process.SCRIPT)
    monkeypatch.setattr(process, "START_SECONDS", 0)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "import time\ntime.sleep(600)\n")
    config = {
        "FunctionName": "hangs",
        "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:hangs",
        "Runtime": "python3.14",
        "Handler": "app.handler",
        "Timeout": 1,
    }
    worker = process.PythonWorker("hangs", config, archive.getvalue())
    try:
        failed = worker.invoke({}, "r-1")["result"]
    finally:
        worker.kill()
    assert failed["errorType"] == "Sandbox.Timedout"
    assert failed["errorMessage"].endswith("Task timed out after 1.00 seconds")
