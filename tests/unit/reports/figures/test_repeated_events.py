"""An event counts once in every number, however often and wherever its file lies."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from reports.captured import seen_events
from reports.captured.seen_events import SeenEvents
from reports.figures.analysis import Analysis
from reports.history.labels import Labels
from tests.unit.reports.captured.captured_lines import json_side, line
from tests.unit.reports.figures.analysed import MIDNIGHT, at, numbers_of, pack
from tests.unit.reports.samples import STOP, baseline, captured_lines, labels, png

COPIES = ("captured", "captured (1)", "backup/captured")
FOLDER = {
    "2026/10/25/11/one.jsonl": [*captured_lines(60), b"{cut off", b"", pack(STOP, [png(0, 1), b"x"])],
    "2026/10/25/11/two.jsonl": [line(output=json_side("[1]")), line(output=None, inference_id=[])],
    "2026/10/25/11/broken.jsonl": [b"[]", b"[]"],
}


def numbers(copies: int, **options: Any) -> dict[str, Any]:
    analysis = Analysis(baseline(), labels=labels(60), **options)
    for copy in COPIES[:copies]:
        for name, lines in FOLDER.items():
            analysis.read(f"{copy}/{name}", lines)
    found: dict[str, Any] = numbers_of(analysis)
    return found


def test_copies_of_a_folder_change_no_number_but_the_count_of_repeated_records() -> None:
    once, often = numbers(1), numbers(3)
    assert (once["captured"]["repeated"], often["captured"]["repeated"]) == (0, 2 * 67)
    assert once["captured"]["inferences"] == 61
    assert once["captured"]["files"] == 3
    often["captured"]["repeated"] = 0
    assert often == once


def test_a_copy_under_another_name_adds_nothing_not_even_what_is_broken_in_it() -> None:
    lines = FOLDER["2026/10/25/11/one.jsonl"]
    analysis, once = Analysis(baseline()), Analysis(baseline())
    for each in (analysis, once):
        each.read("one.jsonl", lines)
    analysis.read("one (1).jsonl", lines)
    found, expected = numbers_of(analysis), numbers_of(once)
    assert found["captured"].pop("repeated") == len(lines)
    assert expected["captured"].pop("repeated") == 0
    assert found == expected


def test_a_file_that_holds_old_and_new_records_adds_the_new_ones() -> None:
    first, second = at(STOP, 0.95), at(STOP, 0.6)
    analysis = Analysis(baseline())
    analysis.read("a.jsonl", [first])
    analysis.read("b.jsonl", [first, second])
    captured = numbers_of(analysis)["captured"]
    assert (captured["files"], captured["inferences"], captured["repeated"]) == (2, 2, 1)


@pytest.mark.parametrize("event", ["the same", "", None, 7, "x" * 300])
def test_requests_that_no_event_id_tells_apart_count_each(event: object) -> None:
    """Other software may write none, or one and the same: then the time still differs."""
    analysis = Analysis(baseline())
    moments = [f"2026-10-25T00:00:0{second}Z" for second in range(3)]
    lines = [line(time=moment, event_id=event) for moment in moments]
    analysis.read("foreign.jsonl", [one.replace(b'"eventId": "",', b"") for one in lines])
    assert numbers_of(analysis)["captured"]["inferences"] == 3


def test_events_of_one_id_at_one_time_are_one() -> None:
    analysis = Analysis(baseline())
    analysis.read("a.jsonl", [at(MIDNIGHT, 0.95, event_id="e"), at(MIDNIGHT, 0.6, event_id="e")])
    assert numbers_of(analysis)["captured"]["inferences"] == 1


def test_what_was_counted_is_known_after_a_state_and_a_merge() -> None:
    lines = list(captured_lines(20))
    analysis = Analysis(baseline())
    analysis.read("a.jsonl", lines)
    again = Analysis.from_state(json.loads(json.dumps(analysis.as_state())), baseline())
    again.read("b.jsonl", lines)
    merged = Analysis(baseline())
    merged.merge(again)
    merged.read("c.jsonl", lines)
    assert numbers_of(merged)["captured"]["inferences"] == 20
    older = {name: value for name, value in analysis.as_state().items() if name != "seen"}
    assert numbers_of(Analysis.from_state(older, baseline())) == numbers_of(analysis)


def test_events_outside_the_time_looked_at_are_still_to_be_counted() -> None:
    lines, analysis = list(captured_lines(20)), Analysis(baseline())
    analysis.read("a.jsonl", lines, stop=MIDNIGHT)
    analysis.read("a.jsonl", lines, start=MIDNIGHT)
    captured = numbers_of(analysis)["captured"]
    assert (captured["inferences"], captured["repeated"]) == (20, 0)


def test_a_state_holds_the_newest_events_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_events, "KEPT", 100)
    seen = SeenEvents()
    events = [(f"{number}", 3600.0 * number) for number in range(300)]
    random.Random(1).shuffle(events)
    assert all(seen.add(*event) for event in events)
    again = SeenEvents.from_state(json.loads(json.dumps(seen.as_state())))
    known = {int(id) for id, time in events if not again.add(id, time)}
    assert known == set(range(200, 300))
    seen.drop_before(3600.0 * 299)
    assert [seen.add(f"{number}", 3600.0 * number) for number in (298, 299)] == [True, False]


def test_a_damaged_state_of_events_is_refused() -> None:
    state = {**Analysis(baseline()).as_state(), "seen": {"0": "AAAA"}}
    with pytest.raises(ValueError, match="no events of 8 bytes"):
        Analysis.from_state(state, baseline())


def test_a_label_names_an_event_and_an_image_of_its_pack() -> None:
    known = Labels.read(
        ['{"event_id": "e", "class": "bicycle"}', '{"event_id": "p#0", "class": "motorcycle"}']
    )
    analysis = Analysis(baseline(), labels=known)
    analysis.read("a.jsonl", [at(STOP, 0.95, event_id="e", inference_id=None)])
    packed = pack(STOP, [png(0, 1), png(0, 2), b"x"], None)
    event = json.loads(packed)
    event["eventMetadata"]["eventId"] = "p"
    analysis.read("b.jsonl", [json.dumps(event).encode()])
    found = numbers_of(analysis)
    assert found["accuracy"]["labelled"]["images"] == 2
    assert found["accuracy"]["labelled"]["value"] == 0.5
    assert {record["event_id"]: record.get("true_class") for record in found["recent"]} == {
        "e": "bicycle",
        "p#0": "motorcycle",
        "p#1": None,
    }
