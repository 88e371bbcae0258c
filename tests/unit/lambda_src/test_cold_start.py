"""What a function does before its first invocation: read its environment, import what it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import cold_imports

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {
    "DATA_BUCKET": "data-bucket",
    "PACKS_PREFIX": "batch-packs/",
    "ENDPOINT_NAME": "scones-test",
    "CLASS_COUNT": "2",
    "CLASS_NAMES": '["a", "b"]',
    "THRESHOLD": "0.5",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def in_a_fresh_process(code: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **ENVIRONMENT}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def modules_after(import_: str) -> set[str]:
    code = f"import json, sys; {import_}; print(json.dumps(sorted(sys.modules)))"
    return set(json.loads(in_a_fresh_process(code).stdout))


def test_the_filter_needs_the_standard_library_only() -> None:
    loaded = modules_after("import lambda_src.filter_predictions")
    added = {name.partition(".")[0] for name in loaded - modules_after("import site, logging")}
    assert added - {"lambda_src", "pictures"} <= set(sys.stdlib_module_names)
    assert not {"urllib", "email", "dataclasses", "inspect", "hashlib", "http"} & added


@pytest.mark.parametrize(
    ("module", "service", "not_yet"),
    [("serialize_image", "s3", "sagemaker-runtime"), ("classify_image", "sagemaker-runtime", "s3")],
)
def test_the_others_build_one_client_each(module: str, service: str, not_yet: str) -> None:
    built = in_a_fresh_process(
        "import botocore.session as b, json; original = b.Session.create_client; built = []\n"
        "def spy(self, name, *a, **k): built.append(name); return original(self, name, *a, **k)\n"
        f"b.Session.create_client = spy; import lambda_src.{module}, sys\n"
        "print(json.dumps([built, 'boto3' in sys.modules]))"
    )
    assert json.loads(built.stdout) == [[service], False]
    assert not_yet not in built.stdout


def test_log_lines_are_json_where_no_runtime_formats_them() -> None:
    line = in_a_fresh_process(
        "import lambda_src.filter_predictions as f\n"
        "f.handler({'execution_name': 'run-1', 'input': {'s3_bucket': '', 's3_key': 'k', 'threshold': None,"
        " 'inference_id': 'run-1', 'inferences': [0.1, 0.9], 'model': 'm'}}, None)"
    ).stderr
    logged = json.loads(line)
    assert {"level": "INFO", "execution_name": "run-1", "inference_id": "run-1"}.items() <= logged.items()
    assert logged["predicted_class"] == "b"


def test_the_benchmark_measures_each_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it compares them with starts boto3 three times, and is replaced by nothing."""
    measured_here = {name: "pass" if "boto3" in name else it for name, it in cold_imports.STATEMENTS.items()}
    monkeypatch.setattr(cold_imports, "STATEMENTS", measured_here)
    entries = cold_imports.run(rounds=1)
    assert all(
        list(entry) == ["name", "value", "unit", "reference", "ratio", "goal", "met"] for entry in entries
    )
    assert all(entry["value"] > 0 and entry["reference"] > 0 for entry in entries)
    measured = " ".join(entry["name"] for entry in entries)
    assert all(name in measured for name in ("serialize_image", "classify_image", "filter_predictions"))


def test_the_core_runs_on_the_standard_library_alone() -> None:
    sources = (ROOT / "lambda_src" / "core").rglob("*.py")
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sources]
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import {', '.join(modules)}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
