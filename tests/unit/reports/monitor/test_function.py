"""The function around a run: what it is told at cold start, and how it speaks."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest

from lambda_src.core.errors import InvalidConfiguration
from reports.monitor.counted_files import CountedFiles
from reports.monitor.deadline import READING_SHARE, Deadline
from reports.monitor.increment import MetricCounts
from reports.monitor.notes import Note
from reports.monitor.state import Mark, State
from tests.unit.reports.monitor.watched import ENDPOINT, HOUR, NOON, VARIABLES

NAME = "reports.monitor.function"


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module, imported as Lambda does in the environment that a stack gives."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    yield importlib.import_module(NAME)
    sys.modules.pop(NAME)


def test_where_it_runs(function: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert function.where() == "AWS account 123456789012, region eu-west-1"
    assert function.has_console()
    assert function.ENVIRONMENT.endpoint == ENDPOINT
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert function.where() == "AWS on loopback, http://127.0.0.1:4566"
    assert not function.has_console()


def test_it_is_not_loaded_without_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InvalidConfiguration, match="STAGE is not set; ENDPOINT_NAME is not set"):
        importlib.import_module(NAME)


def test_a_line_of_metrics_is_written_in_one_piece(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda makes a log event of each write: a line in two pieces would be no metric."""
    written: list[str] = []
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(write=written.append, flush=lambda: None))
    function.emit(json.dumps({"_aws": {}}))
    assert written == ['{"_aws": {}}\n']


def test_the_time_that_lambda_leaves() -> None:
    assert Deadline.of(SimpleNamespace(get_remaining_time_in_millis=lambda: 0)).reading_is_over
    assert not Deadline.of(SimpleNamespace(get_remaining_time_in_millis=lambda: 900_000)).reading_is_over
    assert not Deadline.of(None).reading_is_over
    assert Deadline(900).looks(1_000) == 1_000
    assert Deadline(0).looks(1_000) == 0
    assert 0 < Deadline(60 * (1 - READING_SHARE)).looks(1_000) < 60 * 15


def test_the_state_comes_back_as_it_was_written() -> None:
    state = State(
        mark=Mark("d", 0.5, NOON),
        counted=CountedFiles(NOON),
        written=NOON,
        in_metrics=CountedFiles(NOON + HOUR),
        pending=MetricCounts(requests=1, classes={"a": (2, 1.5)}),
        errors={"arn": "LowConfidence"},
        notes=[Note(NOON, "text")],
    )
    assert State.from_bytes(state.as_bytes()) == state
    assert State.from_bytes(state.as_bytes()).as_bytes() == state.as_bytes()
