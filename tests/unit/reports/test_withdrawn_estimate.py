"""Where pictures have drifted no form of the report says how often the model is right, but why not."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from typing import Any

import pytest

from demo.monitoring import report_lines
from operations.reporting.output import print_verdict
from reports.markdown import render_markdown
from reports.monitor.increment import MetricCounts
from reports.monitor.metrics import metric_lines
from reports.page.sections.accuracy import accuracy
from tests.unit.reports.samples import STOP, sample_numbers
from training.staging.drift import Drift

REASON = "confidence does not fall where pictures are unlike those learnt from"


@pytest.fixture(scope="module", params=[None, Drift.blur, Drift.brightness])
def numbers(request: pytest.FixtureRequest) -> Any:
    """Answers stay as sure as those of held-out pictures; without drift the same answers are believed."""
    return sample_numbers(300, drift=request.param)


def shown(numbers: Any) -> dict[str, str]:
    """Whatever the report is read as, as one line of text."""
    terminal = io.StringIO()
    with redirect_stdout(terminal):
        print_verdict(numbers)
    texts = {
        "terminal": terminal.getvalue(),
        "Markdown": render_markdown(numbers),
        "page": str(accuracy(numbers)),
        "JSON": json.dumps(numbers["accuracy"]),
        "demo": "\n".join(line for line, _ in report_lines(numbers)),
    }
    return {form: " ".join(text.split()) for form, text in texts.items()}


def test_the_estimate_is_there_or_its_reason(numbers: Any) -> None:
    estimate, drifted = numbers["accuracy"]["estimate"], numbers["drift"]["verdict"] == "drift"
    assert (estimate is None) == drifted
    for form, text in shown(numbers).items():
        assert (REASON in text) == drifted, form
        assert ("95 % interval" in text or "estimated from confidence" in text) <= (not drifted), form


def test_the_metric_has_no_value_under_drift(numbers: Any) -> None:
    lines = [json.loads(line) for line in metric_lines("dev", STOP, numbers, MetricCounts(), {})]
    assert any("EstimatedAccuracy" in line for line in lines) == (numbers["accuracy"]["estimate"] is not None)


def test_the_reason_names_what_drifted(numbers: Any) -> None:
    drifted = [measure["label"] for measure in numbers["drift"]["measures"] if measure["verdict"] == "drift"]
    reason = numbers["accuracy"]["withdrawn"]
    assert (reason is None) == (not drifted)
    assert not drifted or drifted[0] in reason
