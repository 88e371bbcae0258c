"""The functions, imported once as Lambda would, their clients talking to AWS in this process."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest

from lambda_src.aws.s3 import s3_client
from lambda_src.core.batch import retries
from tests.aws import CREDENTIALS, Aws, aws_in_process
from tests.unit.lambda_src.answers import probabilities
from tests.unit.lambda_src.batches import batch

CLASSES = ("bicycle", "motorcycle")
FUNCTIONS = ("serialize_image", "classify_image", "filter_predictions", "plan_batches", "merge_results")
ENVIRONMENT = CREDENTIALS | {
    "DATA_BUCKET": "data-bucket",
    "PACKS_PREFIX": "batch-packs/",
    "ENDPOINT_NAME": "scones-test",
    "CLASS_COUNT": str(len(CLASSES)),
    "CLASS_NAMES": json.dumps(CLASSES),
    "THRESHOLD": "0.9",
    "MODEL_DIGEST": "fedcba9876543210" * 4,
    "BATCH_SIZE": "3",
    "MAX_CONCURRENCY": "8",
    "TOLERATED_FAILURE_PERCENTAGE": "10",
}
"""What stacks give the functions, and credentials that nobody asks for."""


class Run(Protocol):
    """One function: a state's input, an execution's name -> the state's output."""

    def __call__(self, fields: Any, execution_name: str = ...) -> dict[str, Any]: ...


@pytest.fixture
def aws() -> Iterator[Aws]:
    """AWS with empty buckets, whose model answers 0.05, 0.95."""
    with aws_in_process("data-bucket", "inbox", "pictures", "other", "other.bucket-1") as aws:
        aws.answers["InvokeEndpoint"] = probabilities(0.05, 0.95)
        yield aws


@pytest.fixture(scope="package")
def functions() -> Iterator[Callable[[str], Run]]:
    """Import a function's module in the environment that a stack would give it, and run its handler."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for name in (
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_S3",
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME",
            "AWS_PROFILE",
        ):
            patch.delenv(name, raising=False)
        for name in FUNCTIONS:
            patch.delitem(sys.modules, f"lambda_src.{name}", raising=False)
        s3_client.cache_clear()
        yield _runner
    s3_client.cache_clear()


def _runner(name: str) -> Run:
    handler = importlib.import_module(f"lambda_src.{name}").handler

    def run(fields: Any, execution_name: str = "execution-1") -> dict[str, Any]:
        # Through JSON and back, as between two states.
        event = json.loads(json.dumps({"execution_name": execution_name, "input": fields}))
        result: dict[str, Any] = json.loads(json.dumps(_plain(handler(event, None)), allow_nan=False))
        return result

    return run


def _plain(value: Any) -> Any:
    """A value as Lambda writes it: a named tuple as an object."""
    if isinstance(value, dict) or hasattr(value, "_asdict"):
        fields = value if isinstance(value, dict) else value._asdict()
        return {name: _plain(item) for name, item in fields.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.fixture
def serialize(aws: Aws, functions: Callable[[str], Run]) -> Run:  # noqa: ARG001 - the handler talks to it
    return functions("serialize_image")


@pytest.fixture
def classify(aws: Aws, functions: Callable[[str], Run]) -> Run:  # noqa: ARG001 - the handler talks to it
    return functions("classify_image")


@pytest.fixture
def keep(functions: Callable[[str], Run]) -> Run:
    return functions("filter_predictions")


@pytest.fixture
def plan_run(aws: Aws, functions: Callable[[str], Run]) -> Run:  # noqa: ARG001 - the handler talks to it
    """Plan batches, of 3 images unless the input says otherwise."""
    return functions("plan_batches")


@pytest.fixture
def merge_run(aws: Aws, functions: Callable[[str], Run]) -> Run:  # noqa: ARG001 - the handler talks to it
    """Merge results."""
    return functions("merge_results")


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for what is asked again."""
    monkeypatch.setattr(retries, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(retries, "LONGEST_PAUSE_SECONDS", 0.002)


@pytest.fixture
def chain(serialize: Run, classify: Run, keep: Run) -> Callable[..., list[dict[str, Any]]]:
    """A batch's keys in the bucket "inbox" -> its rows."""

    def run(keys: list[str], number: int = 0) -> list[dict[str, Any]]:
        out = keep(classify(serialize(batch(keys, number))))
        assert out["batch"] == number
        assert [row["n"] for row in out["rows"]] == list(range(len(keys))), "each image once"
        assert [row["s3_key"] for row in out["rows"]] == keys
        rows: list[dict[str, Any]] = out["rows"]
        return rows

    return run
