"""Which inferences are shown does not depend on the order of reading, nor on hours that were dropped."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from reports.figures import batch, shown_inferences
from reports.figures.analysis import Analysis
from reports.history.image_names import ImageName
from tests.unit.reports.figures.analysed import MIDNIGHT, at, numbers_of, pack
from tests.unit.reports.samples import STOP, baseline, captured_line, captured_lines, png


def test_the_least_certain_of_an_hour_outlive_less_certain_ones_of_dropped_hours() -> None:
    options: dict[str, Any] = {"recent": 1, "least_certain": 2}
    both, only = Analysis(baseline(), **options), Analysis(baseline(), **options)
    both.read("early.jsonl", [at(MIDNIGHT - timedelta(minutes=minute), 0.5) for minute in range(1, 9)])
    late = [at(MIDNIGHT, 0.9 + minute / 100) for minute in range(9)]
    for analysis in (both, only):
        analysis.read("late.jsonl", late)
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


def test_a_picture_that_came_often_is_among_the_least_certain_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is read together, and with its first and least certain answer."""

    def sent(number: int, confidence: float, minute: int) -> bytes:
        answer = [confidence, 1 - confidence]
        return captured_line(f"{number}-{minute}", STOP - timedelta(minutes=minute), answer, png(0, number))

    lines = [sent(1, 0.5, minute) for minute in range(1, 40)]
    lines += [sent(number, 0.5 + number / 100, 45) for number in range(2, 6)]
    for rows in (3, 8192):
        monkeypatch.setattr(batch, "ROWS", rows)
        analysis = Analysis(baseline(), recent=0, least_certain=4)
        analysis.read("often.jsonl", lines)
        again = Analysis.from_state(json.loads(json.dumps(analysis.as_state())), baseline(), least_certain=4)
        again.read("later.jsonl", [sent(1, 0.5, 0)])
        for one in (analysis, again):
            found = [record["inference_id"] for record in numbers_of(one)["least_certain"]]
            assert found == ["1-39", "2-45", "3-45", "4-45"]


def test_without_pictures_an_image_is_among_the_least_certain_once_when_it_has_its_name() -> None:
    analysis = Analysis(baseline())
    analysis.read("named.jsonl", [at(STOP, 0.6 + place / 10, inference_id=f"{place}") for place in range(3)])
    names = {
        f"{place}": ImageName("bucket", key, "", "") for place, key in enumerate(("a.png", "a.png", "b"))
    }
    analysis.name_images(names)
    assert [record["s3_key"] for record in numbers_of(analysis)["least_certain"]] == ["a.png", "b"]


def test_the_least_certain_images_are_named_first() -> None:
    analysis = Analysis(baseline(), recent=3)
    analysis.read("some.jsonl", [at(STOP, 0.6 + place / 100, inference_id=f"{place}") for place in range(5)])
    assert analysis.shown_ids[:2] == ["0", "1"]
