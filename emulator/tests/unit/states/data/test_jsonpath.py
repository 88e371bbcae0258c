"""Evaluation of paths and of intrinsic functions apart from any state machine."""

from __future__ import annotations

from typing import Any

import pytest
from loopback_aws.states.data.jsonpath import intrinsics
from loopback_aws.states.data.jsonpath.comparisons import matches, timestamp
from loopback_aws.states.data.jsonpath.data_flow import placed
from loopback_aws.states.data.jsonpath.paths import copied, extract
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

DATA = {"a": {"b c": [1, {"d": None}]}, "l": [{"k": 1}, {"k": 2, "m": 0}], "ü": 1}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DATA),
        ("$.a['b c'][1].d", None),
        ("$.ü", 1),
        ("$['l'][-1]['k','m']", [2, 0]),
        ("$..k", [1, 2]),
        ("$.l[?(@.m)].k", [2]),
        ("$.l[5:]", []),
    ],
)
def test_paths(path: str, value: Any) -> None:
    assert extract(path, DATA) == value


@pytest.mark.parametrize("path", ["$.no", "$.l[2]", "$.a.no.more"])
def test_definite_paths_must_exist(path: str) -> None:
    with pytest.raises(NoSuchJsonPathError):
        extract(path, DATA)


@pytest.mark.parametrize("path", ["a.b", "$.a[", "$.a..", "$.l.length()"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(ValueError, match="Invalid path"):
        extract(path, DATA)


@pytest.mark.parametrize(
    "source",
    ["States.Nope()", "States.UUID(1)", "States.Hash('a')", "States.Format('a' 1)", "States.Format('a'", "1"],
)
def test_what_is_no_intrinsic_function(source: str) -> None:
    with pytest.raises(ValueError, match=r"intrinsic function|arguments"):
        intrinsics.parse(source)


def test_at_most_ten_intrinsic_functions_are_nested() -> None:
    nested = "States.ArrayLength(States.Array(" * 5 + "1" + "))" * 5
    assert intrinsics.parse(nested).name == "ArrayLength"
    with pytest.raises(ValueError, match="More than 10"):
        intrinsics.parse(f"States.Array({nested})")


def test_results_are_placed_by_reference_paths() -> None:
    assert placed({"a": 1}, "$.b.c", 2) == {"a": 1, "b": {"c": 2}}
    for path in ("$.a.b", "$.l[1]", "$[0]", "$.l[*]"):
        with pytest.raises(LookupError):
            placed({"a": 1, "l": [0]}, path, 2)


def test_timestamps() -> None:
    assert timestamp("2020-01-01T00:00:00+01:00") == timestamp("2019-12-31T23:00:00.000Z")
    for text in ("2020-01-01", "2020-01-01 00:00:00Z", "2020-01-01T00:00:00", "2020-13-01T00:00:00Z", 5):
        assert timestamp(text) is None


def test_patterns() -> None:
    assert matches("log-1.txt", "log-*.txt")
    assert matches("a*b\\", "a\\*b\\\\")
    assert not matches("axb", "a\\*b")
    assert not matches("a", "?")


def test_copies_share_nothing() -> None:
    assert copied(DATA) == DATA
    assert copied(DATA)["l"] is not DATA["l"]
