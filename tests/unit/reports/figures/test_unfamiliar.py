"""Unfamiliar pictures are counted from captured answers, judged against held-out ones, and told."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from contracts.artifact.card import check_card
from reports.document import Numbers
from reports.figures.analysis import Analysis
from reports.figures.baseline import read_baseline
from reports.figures.limits import Limits
from reports.figures.numbers import make_numbers
from reports.monitor.increment import MetricCounts
from reports.monitor.metrics import metric_lines
from tests.unit.reports.samples import STOP, about, captured_lines, card
from training.figures.baseline import UNFAMILIARITY_QUANTILES, _summary


def known(seed: int = 0, images: int = 400) -> dict[str, Any]:
    """A card whose held-out pictures are evenly unfamiliar, from 0 to 1."""
    given = json.loads(json.dumps(card()))
    values = np.random.default_rng(seed).random(images)
    given["baseline"]["unfamiliarity"] = _summary(values, UNFAMILIARITY_QUANTILES)
    return dict(given)


def saying(lines: list[bytes], values: Any) -> list[bytes]:
    """The same lines with answers that say how unfamiliar their pictures are."""
    changed = []
    for line, value in zip(lines, values, strict=True):
        record = json.loads(line)
        output = record["captureData"]["endpointOutput"]
        answer = {"probabilities": json.loads(output["data"]), "unfamiliarity": value}
        output["data"] = json.dumps(answer)
        changed.append(json.dumps(record).encode())
    return changed


def made(values: Any, of: dict[str, Any] | None = None) -> Numbers:
    analysis = Analysis(read_baseline(check_card(of or known())))
    lines = list(captured_lines(len(values), pictures=False))
    analysis.read("some.jsonl", saying(lines, values))
    again = Analysis.from_state(analysis.as_state(), analysis.baseline)
    return make_numbers(again, None, Limits(), about())


def metrics(numbers: Numbers) -> dict[str, Any]:
    [stage, *_] = metric_lines("dev", STOP, numbers, MetricCounts(), {})
    return dict(json.loads(stage))


def states(numbers: Numbers) -> dict[str, str]:
    return {check["name"]: check["state"] for check in numbers["verdict"]["checks"]}


def test_healthy_streams_are_well() -> None:
    for seed in range(20):
        numbers = made(np.random.default_rng(100 + seed).random(2000).tolist(), known(seed))
        assert states(numbers)["unfamiliar"] == "well"
        assert numbers["accuracy"]["estimate"] is not None
        assert metrics(numbers)["UnfamiliarExcess"] <= Limits().unfamiliar_margin


def test_strange_pictures_ask_for_attention_and_withdraw_the_estimate() -> None:
    """Confidence is that of held-out pictures; there are no pictures in the capture to look at."""
    numbers = made((np.random.default_rng(1).random(500) ** 0.3).tolist())
    assert states(numbers)["unfamiliar"] == "attention"
    assert states(numbers)["drift"] == "well"
    assert numbers["accuracy"]["estimate"] is None
    assert "unfamiliar" in str(numbers["accuracy"]["withdrawn"])
    assert metrics(numbers)["UnfamiliarExcess"] > Limits().unfamiliar_margin
    assert "EstimatedAccuracy" not in metrics(numbers)


def test_an_older_artifact_has_no_check_and_no_metric() -> None:
    numbers = made([0.99] * 300, card())
    assert numbers["unfamiliar"] is None
    assert "unfamiliar" not in states(numbers)
    assert "UnfamiliarShare" not in metrics(numbers)


@pytest.mark.parametrize("value", [None, True, "0.9", -0.1, 1.5, [0.3]])
def test_what_is_no_unfamiliarity_is_not_counted_and_the_answer_is(value: Any) -> None:
    numbers = made([value] * 250)
    unfamiliar = numbers["unfamiliar"]
    assert unfamiliar is not None
    assert (numbers["captured"]["inferences"], unfamiliar["answers"]) == (250, 0)
    assert states(numbers)["unfamiliar"] == "unknown"
    assert numbers["accuracy"]["estimate"] is not None
