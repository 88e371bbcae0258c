"""Which inferences are shown does not depend on the order of reading, nor on hours that were dropped."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from reports.figures import batch, shown_inferences
from reports.figures.analysis import Analysis
from tests.unit.reports.figures.analysed import MIDNIGHT, at, numbers_of, pack
from tests.unit.reports.samples import STOP, baseline, captured_lines, png


def test_the_least_certain_of_an_hour_outlive_less_certain_ones_of_dropped_hours() -> None:
    options: dict[str, Any] = {"recent": 1, "least_certain": 2}
    both, only = Analysis(baseline(), **options), Analysis(baseline(), **options)
    both.read("early.jsonl", [at(MIDNIGHT - timedelta(minutes=minute), 0.5) for minute in range(1, 9)])
    for analysis in (both, only):
        analysis.read("late.jsonl", [at(MIDNIGHT, 0.9 + minute / 100) for minute in range(9)])
    again = Analysis.from_state(json.loads(json.dumps(both.as_state())), baseline(), **options)
    for analysis in (both, again):
        analysis.drop_before(MIDNIGHT)
        assert [record["confidence"] for record in numbers_of(analysis)["least_certain"]] == [0.9, 0.91]
        assert numbers_of(analysis)["least_certain"] == numbers_of(only)["least_certain"]


def test_answers_of_one_pack_without_id_are_told_apart_by_their_place() -> None:
    analysis = Analysis(baseline(), recent=2, least_certain=1)
    analysis.read("pack.jsonl", [pack(STOP, [*(png(0, number) for number in range(4)), b"x"], None)])
    every = Analysis(baseline())
    every.read("pack.jsonl", [pack(STOP, [*(png(0, number) for number in range(4)), b"x"], None)])
    pictures = [record["picture"] for record in numbers_of(every)["recent"]]
    assert len(set(pictures)) == 4
    assert [record["picture"] for record in numbers_of(analysis)["recent"]] == pictures[2:]
    assert numbers_of(analysis)["least_certain"][0]["picture"] == pictures[0]
    kept = analysis.as_state()["shown"]
    reversed_state = {**analysis.as_state(), "shown": kept[::-1]}
    again = Analysis.from_state(reversed_state, baseline(), recent=2, least_certain=1)
    assert numbers_of(again) == numbers_of(analysis)


def test_images_are_kept_as_captured_within_a_budget_only(monkeypatch: pytest.MonkeyPatch) -> None:
    every = Analysis(baseline(), recent=50)
    every.read("sample.jsonl", captured_lines(100))
    monkeypatch.setattr(shown_inferences, "RAW_BYTES", 40_000)
    monkeypatch.setattr(batch, "BYTES", 10_000)
    frugal = Analysis(baseline(), recent=50)
    frugal.read("sample.jsonl", captured_lines(100))
    raw = [record.image.size_hint for record in frugal.recent if record.image]
    assert sum(raw) <= 40_000
    assert numbers_of(frugal) == numbers_of(every)
    assert len({record["picture"] for record in numbers_of(every)["recent"]}) > 40


def test_pictures_that_newer_ones_push_out_are_not_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files come the newest first; only a few of the others are still among the least certain ones."""
    made: list[bytes] = []

    def counted(data: bytes) -> str:
        made.append(data)
        return "data:,"

    monkeypatch.setattr(shown_inferences, "thumbnail", counted)
    monkeypatch.setattr(shown_inferences, "RAW_BYTES", 10_000)
    monkeypatch.setattr(batch, "BYTES", 1)
    lines = list(captured_lines(600, hours=1))
    analysis = Analysis(baseline(), image_every=0, recent=50, least_certain=5)
    for first in range(590, -1, -10):
        analysis.read(f"{first}.jsonl", lines[first : first + 10])
    analysis.as_state()
    assert 50 <= len(made) < 100
