"""The Lambda runtime's rules for results, failures and modules, against what AWS answers."""

from __future__ import annotations

import base64
import collections
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from loopback_aws.lambda_runtime import bootstrap

Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("result", "written"),
    [
        ({"image": base64.b64encode(b"abc")}, {"image": "YWJj"}),
        ({b"key": (1, 2)}, {"key": [1, 2]}),
        (Point(1, [b"x"]), {"x": 1, "y": ["x"]}),
        ('{"a": 1}', '{"a": 1}'),
        (None, None),
    ],
)
def test_results_are_written_as_simplejson_does(result: Any, written: Any) -> None:
    assert json.loads(bootstrap.marshal(result)) == written


@pytest.mark.parametrize("result", [{"x": object()}, b"\xff\xfe", float("nan")])
def test_results_without_json_are_marshal_errors(result: Any) -> None:
    with pytest.raises(bootstrap.RuntimeFailureError) as error:
        bootstrap.marshal(result)
    assert error.value.kind == "Runtime.MarshalError"


def test_too_large_results_are_named() -> None:
    with pytest.raises(bootstrap.RuntimeFailureError) as error:
        bootstrap.marshal("x" * bootstrap.RESPONSE_BYTES)
    assert error.value.kind == "Function.ResponseSizeTooLarge"


def run(folder: Path, source: str, event: Any, module: str = "app", **environment: str) -> dict[str, Any]:
    """One invocation of `app.handler` in a bootstrap process of its own."""
    (folder / "code").mkdir()
    (folder / "code" / "app.py").write_text(source)
    setup = {
        "code_dir": str(folder / "code"),
        "module": module,
        "handler": "handler",
        "env": environment,
        "function_name": "app",
        "memory": 128,
        "arn": "arn:aws:lambda:us-east-1:000000000000:function:app",
    }
    values = {"request_id": "r-1", "invoked_function_arn": setup["arn"], "timeout_ms": 3000}
    lines = json.dumps(setup) + "\n" + json.dumps({"event": event, "ctx": values}) + "\n"
    done = subprocess.run(
        [sys.executable, bootstrap.__file__],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer | {"log": done.stderr}


def test_a_failure_carries_class_message_and_the_handlers_frames(tmp_path: Path) -> None:
    source = "class TooOld(Exception): pass\ndef handler(event, context):\n    raise TooOld('age 99')\n"
    failure = run(tmp_path, source, {})["failure"]
    assert (failure["errorType"], failure["errorMessage"]) == ("TooOld", "age 99")
    assert failure["requestId"] == "r-1"
    assert failure["stackTrace"] == [
        "  File \"/var/task/app.py\", line 3, in handler\n    raise TooOld('age 99')\n"
    ]


@pytest.mark.parametrize(
    ("source", "module", "kind"),
    [
        ("import numpy\n", "app", "Runtime.ImportModuleError"),  # installed here, not in AWS's runtime
        ("import loopback_aws\n", "app", "Runtime.ImportModuleError"),  # what runs it, not deployed
        ("", "absent", "Runtime.ImportModuleError"),
        ("x = 1\n", "app", "Runtime.HandlerNotFound"),
        ("def handler(:\n", "app", "Runtime.UserCodeSyntaxError"),
        ("raise ValueError('at import')\n", "app", "ValueError"),
    ],
)
def test_code_that_does_not_load_is_named_as_on_aws(
    tmp_path: Path, source: str, module: str, kind: str
) -> None:
    assert run(tmp_path, source, {}, module)["failure"]["errorType"] == kind


def test_only_boto3_and_the_standard_library_are_there(tmp_path: Path) -> None:
    source = "import boto3, json, email.message\ndef handler(event, context):\n    return boto3.__name__\n"
    assert run(tmp_path, source, {})["result"] == "boto3"


def test_what_a_handler_prints_is_log_and_never_answer(tmp_path: Path) -> None:
    source = (
        "import logging, subprocess\n"
        "def handler(event, context):\n"
        '    print(\'{"status": "ok"}\')\n'
        "    subprocess.run(['echo', 'from a child'])\n"
        "    logging.getLogger().info('seen', extra={'inference_id': 'i-1'})\n"
        "    return event\n"
    )
    answer = run(tmp_path, source, {"a": 1}, AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="INFO")
    assert answer["result"] == {"a": 1}
    assert "from a child" in answer["log"]
    record = json.loads(next(line for line in answer["log"].splitlines() if "seen" in line))
    assert (record["message"], record["inference_id"], record["requestId"]) == ("seen", "i-1", "r-1")
