"""The verdict: each check against its limit, and one sentence for an operator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.document import Check
from reports.figures.limits import Limits
from reports.figures.verdict import find_verdict
from tests.unit.reports.samples import sample_numbers

NAMES = ["captured", "executions", "low_confidence", "drift", "accuracy", "readable"]


@pytest.fixture(scope="module")
def healthy() -> Any:
    return sample_numbers(400, pictures=False)


def check(numbers: Any, name: str, limits: Limits | None = None) -> Check:
    verdict = find_verdict(numbers, limits or Limits())
    return next(check for check in verdict["checks"] if check["name"] == name)


def with_outcomes(numbers: Any, **outcomes: int) -> Any:
    known = {"SUCCEEDED": 0, "FAILED": 0, "TIMED_OUT": 0, "ABORTED": 0, "RUNNING": 0, **outcomes}
    return {**numbers, "executions": {**numbers["executions"], "outcomes": known}}


def test_a_healthy_stream_is_well(healthy: Any) -> None:
    verdict = healthy["verdict"]
    assert verdict["state"] == "well"
    assert verdict["summary"].startswith("All is well: 400 inferences, ")
    assert [one["name"] for one in verdict["checks"]] == NAMES
    assert {one["state"] for one in verdict["checks"]} == {"well"}
    assert all(one["value"] and one["limit"] and one["advice"] for one in verdict["checks"])


def test_executions_not_looked_at_leave_the_verdict_well(healthy: Any) -> None:
    unasked: Any = {**healthy, "executions": None}
    verdict = find_verdict(unasked, Limits())
    assert (verdict["state"], verdict["checks"][1]["state"]) == ("well", "unknown")


@pytest.mark.parametrize(
    ("outcomes", "state", "value"),
    [
        ({"SUCCEEDED": 5, "FAILED": 5}, "well", "5 of 10 succeeded (50.0 %)"),
        (
            {"SUCCEEDED": 4, "FAILED": 3, "TIMED_OUT": 2, "ABORTED": 1},
            "attention",
            "4 of 10 succeeded (40.0 %)",
        ),
        ({"FAILED": 4, "RUNNING": 90}, "unknown", "0 of 4 executions succeeded"),
        ({"SUCCEEDED": 1}, "unknown", "1 of 1 execution succeeded"),
    ],
)
def test_executions(healthy: Any, outcomes: dict[str, int], state: str, value: str) -> None:
    found = check(with_outcomes(healthy, **outcomes), "executions")
    assert (found["state"], found["value"], found["section"]) == (state, value, "failed-executions")


def test_low_confidence_beyond_its_limit_asks_for_attention(healthy: Any) -> None:
    low = {"count": 200, "share": 0.5, "expected": 0.2, "limit": 0.3}
    found = check({**healthy, "low_confidence": low}, "low_confidence")
    assert (found["state"], found["value"], found["limit"]) == (
        "attention",
        "50.0 % of 400",
        "at most 30.0 % (20.0 % expected)",
    )
    assert "low-confidence" in found["advice"]
    assert check({**healthy, "low_confidence": {**low, "share": 0.3}}, "low_confidence")["state"] == "well"
    assert (
        check({**healthy, "low_confidence": low}, "low_confidence", Limits(min_inferences=401))["state"]
        == "unknown"
    )


def test_a_share_just_beyond_its_limit_does_not_look_like_it(healthy: Any) -> None:
    low = {"count": 76, "share": 0.19034, "expected": 0.09, "limit": 0.19}
    found = check({**healthy, "low_confidence": low}, "low_confidence")
    assert (found["state"], found["value"]) == ("attention", "19.03 % of 400")
    assert found["limit"] == "at most 19.00 % (9.0 % expected)"


def test_drift_names_what_drifted(healthy: Any) -> None:
    measures = [dict(measure) for measure in healthy["drift"]["measures"]]
    measures[0] |= {"psi": 0.413, "verdict": "drift"}
    measures[1] |= {"psi": 1.2, "verdict": "drift"}
    drift = {**healthy["drift"], "verdict": "drift", "measures": measures}
    drifted: Any = {**healthy, "drift": drift}
    verdict = find_verdict(drifted, Limits())
    assert verdict["state"] == "attention"
    assert verdict["summary"] == (
        "Needs attention. Drift: 2 of 2 measures (Confidence, PSI 0.41; Predicted classes, PSI 1.20)."
    )


def test_nothing_captured_although_executions_succeeded_asks_for_attention() -> None:
    empty = sample_numbers(0)
    assert empty["verdict"]["state"] == "unknown"
    assert empty["verdict"]["summary"] == "Nothing can be said: no inferences were captured in this time."
    found = check(with_outcomes(empty, SUCCEEDED=3), "captured")
    assert (found["state"], found["section"]) == ("attention", "no-captured-data")


def test_accuracy_surely_below_the_held_out_one_asks_for_attention(healthy: Any) -> None:
    estimate = healthy["accuracy"]["estimate"]
    poor = {**estimate, "value": 0.7, "low": 0.65, "high": 0.75}
    found = check(
        {**healthy, "accuracy": {"estimate": poor, "withdrawn": None, "labelled": None}}, "accuracy"
    )
    assert (found["state"], found["value"]) == ("attention", "70.0 % estimated (65.0 to 75.0 %)")
    assert "Label some recent images to be sure" in found["advice"]
    labelled = {
        "value": 0.9,
        "low": 0.88,
        "high": 0.92,
        "images": 400,
        "per_class": [],
        "confusion": [],
        "unmatched": 0,
    }
    found = check(
        {**healthy, "accuracy": {"estimate": poor, "withdrawn": None, "labelled": labelled}}, "accuracy"
    )
    assert (found["state"], found["value"]) == ("well", "90.0 % labelled (88.0 to 92.0 %)")
    surely = {**labelled, "value": 0.6, "low": 0.55, "high": 0.65}
    found = check(
        {**healthy, "accuracy": {"estimate": poor, "withdrawn": None, "labelled": surely}}, "accuracy"
    )
    assert found["state"] == "attention"
    assert "Label some" not in found["advice"], "labels have said it"
    few = {**labelled, "images": 20}
    assert (
        check({**healthy, "accuracy": {"estimate": poor, "withdrawn": None, "labelled": few}}, "accuracy")[
            "state"
        ]
        == "attention"
    )
    assert (
        check({**healthy, "accuracy": {"estimate": None, "withdrawn": None, "labelled": few}}, "accuracy")[
            "state"
        ]
        == "unknown"
    )


def test_a_withdrawn_estimate_is_unknown_with_the_reason_and_labels_are_trusted(healthy: Any) -> None:
    withdrawn = {"estimate": None, "withdrawn": "Sharpness drifted.", "labelled": None}
    found = check({**healthy, "accuracy": withdrawn}, "accuracy")
    told = (found["state"], found["value"], found["advice"])
    assert told == ("unknown", "not estimated under drift", "Sharpness drifted.")
    labelled = {
        "value": 0.9,
        "low": 0.88,
        "high": 0.92,
        "images": 400,
        "per_class": [],
        "confusion": [],
        "unmatched": 0,
    }
    assert check({**healthy, "accuracy": {**withdrawn, "labelled": labelled}}, "accuracy")["state"] == "well"
    few = check({**healthy, "accuracy": {**withdrawn, "labelled": {**labelled, "images": 20}}}, "accuracy")
    assert (few["state"], few["advice"]) == ("unknown", "Sharpness drifted.")


def test_drift_that_cannot_be_judged_says_what_is_lacking(healthy: Any) -> None:
    measures = [
        {**measure, "psi": None, "verdict": "not_enough_data"} for measure in healthy["drift"]["measures"]
    ]
    unjudged = {**healthy, "drift": {**healthy["drift"], "verdict": "not_enough_data", "measures": measures}}
    assert "held-out images" in check(unjudged, "drift")["advice"]
    few = {**unjudged, "captured": {**healthy["captured"], "inferences": 199}}
    assert "Too few inferences" in check(few, "drift")["advice"]
    none = {**unjudged, "drift": {**unjudged["drift"], "verdict": "no_baseline"}}
    assert check(none, "drift")["value"] == "no baseline"


def test_unreadable_answers_ask_for_attention_from_one_in_a_hundred_on(healthy: Any) -> None:
    def problems(kind: str, count: int) -> dict[str, Any]:
        problem = {"kind": kind, "meaning": "", "count": count, "example": "key, line 7"}
        return {**healthy, "captured": {**healthy["captured"], "problems": [problem], "refused": 2}}

    assert check(problems("cut_off", 4), "readable")["state"] == "well"
    found = check(problems("cut_off", 5), "readable")
    assert (found["state"], found["value"]) == (
        "attention",
        "5 answers not readable, 2 images refused by the model",
    )
    assert check(problems("empty_line", 400), "readable")["state"] == "well"


def test_every_section_is_one_of_the_runbook(healthy: Any) -> None:
    runbook = (Path(__file__).parents[4] / "docs/operations.md").read_text(encoding="utf-8")
    headings = {
        line.lstrip("# ").strip().lower().replace(" ", "-")
        for line in runbook.splitlines()
        if line[:1] == "#"
    }
    assert {one["section"] for one in healthy["verdict"]["checks"]} <= headings
