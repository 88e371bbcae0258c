"""What the notebook shows in HTML: other people's text stays text, and their page in its frame."""

from __future__ import annotations

from notebooks import tables
from operations.terminal import Cell, Column
from reports.document import InferenceRecord
from tests.unit.reports.samples import sample_numbers

HOSTILE = "<img src=x onerror=alert(1)>\x1b[2J"


def record(**given: object) -> InferenceRecord:
    usual = {
        **{"time": "2026-12-01T10:00:00.123Z", "class": "bicycle", "confidence": 0.5, "low": True},
        **dict.fromkeys(("inference_id", "s3_bucket", "s3_key", "execution", "execution_arn", "event_id")),
        "picture": None,
    }
    return {**usual, **given}  # type: ignore[typeddict-item]


def test_text_is_escaped_and_colours_are_the_page_s() -> None:
    shown = tables.table([Column("image"), Column("outcome")], [(HOSTILE, Cell("failed", "red"))]).data
    assert "<img" not in shown
    assert "\x1b" not in shown
    assert "&lt;img src=x" in shown
    assert f"color:{tables.COLOURS['red']}" in shown


def test_captured_inferences_are_the_newest_first_with_their_pictures() -> None:
    picture = "data:image/webp;base64,AAAA"
    old, new = record(s3_key="first.png"), record(s3_key=HOSTILE, picture=picture, true_class="motorcycle")
    shown = tables.captured([old, new, record(picture="javascript:alert(1)")], most=2).data
    assert f'<img src="{picture}"' in shown
    assert "javascript:" not in shown
    assert "first.png" not in shown
    assert "onerror=alert(1)&gt;" in shown
    assert "0.5000 (below the threshold)" in shown
    assert "2026-12-01 10:00:00" in shown


def test_the_page_may_run_its_scripts_and_reach_nothing_of_jupyter_s() -> None:
    shown = tables.page(sample_numbers(3, pictures=False), console=False).data
    assert 'sandbox="allow-scripts allow-popups"' in shown
    assert shown.count("<") == 4, "a frame in a box, and the whole page is an attribute"
