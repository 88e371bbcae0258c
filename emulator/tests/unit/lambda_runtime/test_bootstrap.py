"""The Lambda runtime's rules for results, failures and modules, against what AWS answers."""

from __future__ import annotations

import base64
import collections
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from loopback_aws.lambda_runtime import bootstrap, temporary_folder
from loopback_aws.lambda_runtime.isolation import OWN_MOUNTS
from loopback_aws.lambda_runtime.process import SCRIPT, own_mounts

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
        [sys.executable, "-c", SCRIPT],
        input=lines,
        env=os.environ | environment,
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


def test_every_module_of_the_standard_library_is_there(tmp_path: Path) -> None:
    source = """
import os, pkgutil, sysconfig, zoneinfo
from importlib.util import find_spec

def handler(event, context):
    folder = os.path.dirname(os.__file__)
    names = [module.name for module in pkgutil.iter_modules([folder, os.path.join(folder, "lib-dynload")])]
    missing = []
    for name in names:
        try:
            find_spec(name)
        except ImportError:
            missing.append(name)
    return [len(names) > 200, missing, sysconfig.get_config_var("py_version_short")]
"""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert run(tmp_path, source, {})["result"] == [True, [], version]


FILES = """
import glob, os, pathlib, shutil, subprocess, tempfile, zipfile

def handler(event, context):
    before = os.path.exists("/tmp/one.txt")
    with open("/tmp/one.txt", "w") as file:
        file.write("one")
    os.makedirs("/tmp/a/b")
    pathlib.Path("/tmp/a/b/two.bin").write_bytes(b"two")
    shutil.copy("/tmp/one.txt", b"/tmp/a/three.txt")
    os.rename("/tmp/a/three.txt", "/tmp/a/four.txt")
    with zipfile.ZipFile("/tmp/x.zip", "w") as archive:
        archive.write("/tmp/a/b/two.bin", "two")
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"five")
    os.remove(pathlib.Path("/tmp/../tmp/one.txt"))
    files = sorted(os.path.relpath(name, "/tmp") for name in glob.glob("/tmp/a/**", recursive=True))
    walked = [sorted(names) for _, _, names in os.walk("/tmp/a")]
    shutil.rmtree("/tmp/a/b")
    child = subprocess.run(["sh", "-c", 'ls "${TMPDIR:-/tmp}"'], capture_output=True, text=True)
    return [before, files, walked, os.listdir("/tmp/a"), "x.zip" in child.stdout.split()]
"""


@pytest.mark.parametrize("mounts", [own_mounts(), False], ids=["mounts", "redirects"])
def test_a_function_has_its_own_temporary_folder(tmp_path: Path, mounts: bool) -> None:
    """By mounts where this kernel allows them; in the other way everywhere."""
    result = run(tmp_path, FILES, {}, **({OWN_MOUNTS: "1"} if mounts else {}))["result"]
    files = ["a", "a/b", "a/b/two.bin", "a/four.txt"]
    assert result == [False, files, [["four.txt"], ["two.bin"]], ["four.txt"], True]
    assert (tmp_path / "tmp" / "x.zip").exists()  # beside the code, with which it is deleted
    assert not Path("/tmp/x.zip").exists()


def test_a_mount_does_not_depend_on_where_the_emulator_was_started(tmp_path: Path) -> None:
    """What is below `/tmp` is not there any more once it is mounted."""
    (tmp_path / "own").mkdir()
    command = [sys.executable, "-I", "-S", temporary_folder.__file__, str(tmp_path / "own")]
    tried = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (tried.returncode == 0) is own_mounts(), tried.stderr


def test_what_a_process_needs_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout or a state folder may be below the folder that the function does not share."""
    monkeypatch.setattr(temporary_folder, "NAMES", (str(tmp_path),) * 2)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "code" / "inner"), "/usr/lib", ""])
    for folder in ("code/inner", "layer", "layers"):
        (tmp_path / folder).mkdir(parents=True)
    given = [str(tmp_path / name) for name in ("layer", "code", "absent", "layers")]
    assert temporary_folder.needed(given) == [str(tmp_path / name) for name in ("code", "layer", "layers")]


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
