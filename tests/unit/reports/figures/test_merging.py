"""One analysis or several, in any order, with or without a state in between: the same numbers."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.artifact.card import check_card
from reports.figures import batch
from reports.figures.analysis import Analysis
from reports.figures.baseline import read_baseline
from reports.history.labels import Labels
from tests.artifacts import model_card
from tests.unit.reports.captured.captured_lines import json_side, line
from tests.unit.reports.figures.analysed import MIDNIGHT, at, numbers_of, pack
from tests.unit.reports.samples import CLASSES, baseline, captured_lines, png

IDS = st.sampled_from(["a", "b", "c"]) | st.none()
OFFSETS = st.integers(-3 * 3600, 3 * 3600)
LINES = st.one_of(
    st.builds(
        lambda s, p, i: at(MIDNIGHT + timedelta(seconds=s), p, inference_id=i), OFFSETS, st.floats(0, 1), IDS
    ),
    st.builds(
        lambda s, n, i: pack(MIDNIGHT + timedelta(seconds=s), [png(0, n), png(1, n)], i),
        OFFSETS,
        st.integers(0, 3),
        IDS,
    ),
    st.sampled_from([b"", b"{", b"[]", line(time="never")]),
    st.builds(lambda: line(output=json_side("[1]"))),
)
FILES = st.lists(st.lists(LINES, max_size=6), max_size=6)
TRUE = Labels.read(['{"inference_id": "a", "class": "bicycle"}', '{"inference_id": "b#0", "class": "car"}'])


@settings(max_examples=60)
@given(FILES, st.data())
def test_any_split_and_order_gives_the_numbers_of_one_pass(
    files: list[list[bytes]], data: st.DataObject
) -> None:
    options: dict[str, Any] = {"labels": TRUE, "image_every": 2, "recent": 4, "least_certain": 2}
    named = [(f"{place}.jsonl", lines) for place, lines in enumerate(files)]
    whole, parts = Analysis(baseline(), **options), [Analysis(baseline(), **options) for _ in range(3)]
    for name, lines in named:
        whole.read(name, lines)
    for name, lines in data.draw(st.permutations(named)):
        part = data.draw(st.integers(0, 2))
        with patch.object(batch, "ROWS", 3):
            parts[part].read(name, lines)
        if data.draw(st.booleans()):
            state = json.loads(json.dumps(parts[part].as_state(), allow_nan=False))
            parts[part] = Analysis.from_state(state, baseline(), **options)
    merged = parts.pop(data.draw(st.integers(0, 2)))
    for part_of in parts:
        merged.merge(part_of)
    assert numbers_of(merged) == numbers_of(whole)
    assert merged.as_state() == whole.as_state()


def test_a_state_of_another_model_or_of_nothing_is_refused() -> None:
    analysis = Analysis(baseline())
    analysis.read("some.jsonl", captured_lines(5))
    state = json.loads(json.dumps(analysis.as_state()))
    other = read_baseline(check_card(model_card(CLASSES)), digest="other")
    for wrong in (
        {},
        {**state, "version": 0},
        {**state, "shown": [[1]]},
        {**state, "hours": {"x": {}}},
        {**state, "hours": []},
    ):
        with pytest.raises(ValueError, match="not a state of this analysis"):
            Analysis.from_state(wrong, baseline())
    with pytest.raises(ValueError, match="another model"):
        Analysis.from_state(state, other)
    with pytest.raises(ValueError, match="cannot be merged"):
        analysis.merge(Analysis(other))
