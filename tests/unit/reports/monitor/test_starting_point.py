"""What a run does with a state that is gone, damaged, or of another model or threshold."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest

from reports.monitor.deadline import Deadline
from reports.monitor.state_store import StateChanged
from tests.unit.reports.monitor.watched import BUCKET, HOUR, MINUTE, NOON, STATE, Watched, model


def kept(watched: Watched) -> dict[str, object]:
    value: dict[str, object] = json.loads(gzip.decompress(watched.s3.objects[BUCKET, STATE]))
    return value


def damaged(watched: Watched, content: object) -> bytes:
    if isinstance(content, dict):
        return gzip.compress(json.dumps(kept(watched) | content).encode())
    assert isinstance(content, bytes)
    return content


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"no gzip",
        gzip.compress(b'{"schema_version": 1}')[:-4],
        gzip.compress(b"[]"),
        gzip.compress(b'{"schema_version": 2}'),
        {"place": {"open_from": "yesterday"}},
        {"news": None},
        {"errors": []},
        {"notes": [["today"]]},
    ],
)
def test_a_state_that_is_gone_or_damaged(watched: Watched, content: object) -> None:
    """The window is counted again for the page; the sums in CloudWatch stay what they are; both is said."""
    watched.capture(NOON - HOUR)
    watched.executions.add("image", "one", NOON - HOUR, "FAILED", error="ImageNotFound")
    watched.run(NOON)
    if content is None:
        del watched.s3.objects[BUCKET, STATE]
    else:
        watched.s3.objects[BUCKET, STATE] = damaged(watched, content)
    watched.capture(NOON + MINUTE)
    watched.run(NOON + HOUR + 2 * MINUTE)
    assert watched.counted() == (2, 1)
    assert ("was gone" if content is None else "was damaged") in watched.notes()
    assert "counted again from the capture files" in watched.notes()
    assert watched.sum("FailedExecutionsByError") == 1
    watched.capture(NOON + HOUR + 20 * MINUTE)
    watched.executions.add("image", "two", NOON + HOUR, "FAILED", error="ImageNotFound")
    watched.run(NOON + 2 * HOUR)
    assert watched.counted() == (3, 2)
    assert watched.sum("FailedExecutionsByError") == 2


def test_an_analysis_that_this_code_cannot_read(watched: Watched) -> None:
    watched.capture(NOON - HOUR)
    watched.run(NOON)
    watched.s3.objects[BUCKET, STATE] = damaged(watched, {"analysis": {"version": 99}})
    watched.capture(NOON + MINUTE)
    watched.run(NOON + 2 * MINUTE)
    assert watched.counted() == (2, 2), "the files were sound, so what is new is known"
    assert "The kept analysis could not be read" in watched.notes()


def test_s3_that_says_403_for_what_is_not_there(watched: Watched) -> None:
    watched.s3.forbidden = True
    watched.capture(NOON - HOUR)
    watched.run(NOON)
    assert watched.counted() == (1, 1)


def test_a_state_that_may_not_be_read_is_not_replaced(watched: Watched) -> None:
    watched.run(NOON)
    before = watched.s3.objects[BUCKET, STATE]
    watched.s3.unreadable.add(STATE)
    with pytest.raises(StateChanged):
        watched.run(NOON + HOUR)
    assert watched.s3.objects[BUCKET, STATE] == before


def test_a_new_model_begins_anew(watched: Watched) -> None:
    """Records before it go into the metrics, and are in none of the new model's figures."""
    watched.capture(NOON - HOUR, [0.95] * 3)
    watched.run(NOON)
    watched.capture(NOON + 10 * MINUTE, [0.95, 0.5])  # by the model before
    watched.model = model("b" * 64, stored=NOON + 30 * MINUTE)
    watched.capture(NOON + 40 * MINUTE, [0.95])
    watched.run(NOON + HOUR)
    assert watched.counted() == (1, 6)
    assert watched.sum("LowConfidence") == 1
    assert watched.numbers()["model"]["digest"] == "b" * 64
    assert "A new model is deployed (aaaaaaaaaaaa before, bbbbbbbbbbbb now)" in watched.notes()
    assert "begin with records of 2026-11-21 12:30:00 UTC" in watched.notes()
    watched.capture(NOON + 20 * MINUTE)  # late
    watched.capture(NOON + HOUR + MINUTE)
    watched.run(NOON + 2 * HOUR)
    assert watched.counted() == (2, 8)


def test_back_to_the_model_before(watched: Watched) -> None:
    """Its artifact is old: its records begin with the last run of the one that it replaces."""
    first = watched.model
    watched.capture(NOON - HOUR)
    watched.run(NOON - 30 * MINUTE)
    watched.model = model("b" * 64, stored=NOON - 20 * MINUTE)
    watched.capture(NOON - 10 * MINUTE)
    watched.run(NOON)
    watched.model = first
    watched.capture(NOON - 5 * MINUTE)  # late, by the model between
    watched.capture(NOON + 10 * MINUTE)
    watched.run(NOON + 20 * MINUTE)
    assert watched.counted() == (1, 4)


def test_a_file_of_two_hours_in_which_two_models_meet(watched: Watched) -> None:
    """Files are named after one of their moments: here the hour after the model was stored."""
    watched.run(NOON)
    watched.model = model("b" * 64, stored=NOON + 50 * MINUTE)
    watched.capture(NOON + 40 * MINUTE, [0.95, 0.5], key_moment=NOON + 61 * MINUTE)
    watched.run(NOON + 2 * HOUR)
    assert watched.counted() == (0, 2)


def test_a_line_that_is_unreadable_counts_once_where_two_models_meet(watched: Watched) -> None:
    watched.run(NOON)
    watched.model = model("b" * 64, stored=NOON + 10 * MINUTE)
    key = watched.capture(NOON + 5 * MINUTE)
    watched.s3.objects[BUCKET, key] += b"{cut off\n"
    watched.run(NOON + HOUR)
    assert (watched.sum("UnreadableLines"), watched.sum("Inferences")) == (1, 1)


def test_a_new_threshold_judges_the_window_again(watched: Watched) -> None:
    watched.capture(NOON - HOUR, [0.95, 0.85, 0.7])
    watched.run(NOON)
    watched.model = model(threshold=0.8)
    watched.capture(NOON + MINUTE, [0.85])
    watched.run(NOON + HOUR)
    assert watched.counted() == (4, 4)
    assert watched.numbers()["low_confidence"]["count"] == 1
    assert "The threshold is 0.8 now, and was 0.9" in watched.notes()
    watched.capture(NOON - MINUTE)  # late, in an hour that is counted again
    watched.run(NOON + HOUR + MINUTE)
    assert watched.counted() == (5, 5)


def test_another_threshold_before_the_window_is_counted_again(watched: Watched) -> None:
    """What came and went into the metrics between the two goes in once."""
    watched.capture(NOON - 2 * HOUR)
    watched.capture(NOON - HOUR)
    watched.run(NOON)
    watched.capture(NOON - 2 * HOUR + MINUTE)  # late
    watched.model = model(threshold=0.8)
    for minutes in (1, 2):
        assert watched.run(NOON + minutes * MINUTE, Deadline(0))["behind"]
    watched.model = model(threshold=0.7)
    watched.run(NOON + 3 * MINUTE)
    assert watched.counted() == (3, 3)


def test_a_clock_that_goes_back(watched: Watched) -> None:
    """Hours that are over by the clock before are open again, and their metrics stay."""
    watched.capture(NOON)
    watched.run(NOON + 6 * HOUR)
    watched.capture(NOON + MINUTE)
    watched.run(NOON + 5 * MINUTE)
    assert watched.numbers()["captured"]["inferences"] == 2
    assert "The clock went back from 2026-11-21 18:00" in watched.notes()
    watched.capture(NOON + 6 * MINUTE)
    watched.run(NOON + 65 * MINUTE)
    assert watched.counted() == (3, 2), "the first of them looks like one that is in the metrics"


def test_notes_are_forgotten_with_the_window(watched: Watched) -> None:
    watched.run(NOON)
    watched.model = replace(model("b" * 64))
    watched.run(NOON + HOUR)
    assert watched.notes()
    watched.run(NOON + 23 * HOUR)
    assert watched.notes()
    watched.run(NOON + 26 * HOUR)
    assert not watched.notes()


def test_the_page_says_what_its_figures_are_of(watched: Watched) -> None:
    watched.run(NOON)
    assert "monitor" not in {check["name"] for check in watched.numbers()["verdict"]["checks"]}
    before = watched.numbers()["verdict"]["state"]
    watched.model = model("b" * 64)
    watched.run(NOON + HOUR)
    check = watched.numbers()["verdict"]["checks"][-1]
    assert (check["name"], check["state"], check["value"]) == ("monitor", "unknown", "1 remark")
    assert "A new model is deployed" in check["advice"]
    assert watched.numbers()["verdict"]["state"] == before
