"""The three handlers, imported once as Lambda would, with their clients aimed at a fake AWS on loopback."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest

from lambda_src.aws.client import aws_client
from lambda_src.aws.images import s3_client
from tests.unit.lambda_src.fake_aws import FakeAws
from tests.unit.lambda_src.memory_s3 import MemoryS3

CLASSES = ["bicycle", "motorcycle"]


class Run(Protocol):
    """One function: a state's input, an execution's name -> the state's output."""

    def __call__(self, fields: Any, execution_name: str = ...) -> dict[str, Any]: ...


@pytest.fixture(scope="package")
def _server() -> Iterator[FakeAws]:
    server = FakeAws()
    yield server
    server.stop()


@pytest.fixture
def aws(_server: FakeAws) -> FakeAws:
    """A fake AWS without objects, whose model answers 0.05, 0.95."""
    _server.reset()
    return _server


@pytest.fixture(scope="package")
def functions(_server: FakeAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Run]]:
    """Import a function's module in the environment that a stack would give it, and run its handler."""
    nothing = str(tmp_path_factory.mktemp("aws") / "config")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": nothing,
            "AWS_SHARED_CREDENTIALS_FILE": nothing,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": _server.url,
            "DATA_BUCKET": "data-bucket",
            "PACKS_PREFIX": "batch-packs/",
            "ENDPOINT_NAME": "scones-test",
            "CLASS_COUNT": str(len(CLASSES)),
            "MODEL_DIGEST": "fedcba9876543210",
            "CLASS_NAMES": json.dumps(CLASSES),
            "THRESHOLD": "0.9",
        }.items():
            patch.setenv(name, value)
        for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        for name in ("serialize_image", "classify_image", "filter_predictions"):
            patch.delitem(sys.modules, f"lambda_src.{name}", raising=False)
        s3_client.cache_clear()
        yield _runner
    s3_client.cache_clear()


def _runner(name: str) -> Run:
    handler = importlib.import_module(f"lambda_src.{name}").handler

    def run(fields: Any, execution_name: str = "execution-1") -> dict[str, Any]:
        # Through JSON and back, as between two states, written as Lambda writes it.
        event = json.loads(json.dumps({"execution_name": execution_name, "input": fields}))
        result: dict[str, Any] = json.loads(json.dumps(_plain(handler(event, None)), allow_nan=False))
        return result

    return run


def _plain(value: Any) -> Any:
    """`value` as Lambda's runtime writes it: bytes as text, named tuples as objects."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.fixture(scope="package")
def serialize(functions: Callable[[str], Run]) -> Run:
    return functions("serialize_image")


@pytest.fixture(scope="package")
def classify(functions: Callable[[str], Run]) -> Run:
    return functions("classify_image")


@pytest.fixture(scope="package")
def keep(functions: Callable[[str], Run]) -> Run:
    return functions("filter_predictions")


@pytest.fixture(scope="package")
def _memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryS3]:
    server = MemoryS3()
    nothing = str(tmp_path_factory.mktemp("aws") / "config")
    with pytest.MonkeyPatch.context() as undone_at_the_end:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in run_environment(server.url).items():
                patch.setenv(name, value)
            for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
                patch.setenv(name, nothing)
            for name in ("AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
                patch.delenv(name, raising=False)
            client = aws_client("s3", read_timeout=5)
            for name in ("plan_batches", "merge_results"):
                undone_at_the_end.setattr(importlib.import_module(f"lambda_src.{name}"), "S3", client)
        yield server
    server.stop()


def run_environment(url: str) -> dict[str, str]:
    """What a stack gives the two functions at a run's ends, and where AWS is."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
        "DATA_BUCKET": "data-bucket",
        "CLASS_NAMES": json.dumps(CLASSES),
        "THRESHOLD": "0.9",
        "MODEL_DIGEST": "fedcba987654",
        "BATCH_SIZE": "3",
        "MAX_CONCURRENCY": "8",
        "TOLERATED_FAILURE_PERCENTAGE": "10",
    }


@pytest.fixture
def s3(_memory: MemoryS3) -> MemoryS3:
    """An empty S3 in memory that the two functions at a run's ends talk to."""
    _memory.reset()
    return _memory


@pytest.fixture
def plan_run(s3: MemoryS3) -> Run:  # noqa: ARG001 - the handler talks to it
    """Plan batches, of 3 images unless the input says otherwise."""
    return _runner("plan_batches")


@pytest.fixture
def merge_run(s3: MemoryS3) -> Run:  # noqa: ARG001 - the handler talks to it
    """Merge results."""
    return _runner("merge_results")
