"""Files that cannot be read, executions that cannot be listed: what else was captured still counts."""

from __future__ import annotations

import json
import logging

import pytest

from reports.monitor import new_files
from reports.monitor.reading import CaptureUnreadable
from tests.unit.reports.history.step_functions import states_error
from tests.unit.reports.monitor.watched import BUCKET, HOUR, MINUTE, NOON, Watched


@pytest.mark.parametrize("in_memory", [new_files.IN_MEMORY_BYTES, 10])
def test_a_file_is_read_again_when_it_can_be(
    watched: Watched, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(new_files, "IN_MEMORY_BYTES", in_memory)
    key = watched.capture(NOON - 10 * HOUR)
    watched.capture(NOON - 9 * HOUR)
    watched.s3.unreadable.add(key)
    assert watched.run(NOON)["files"] == 1
    assert "capture files that cannot be read: 1, such as" in caplog.text
    assert "AccessDenied" in caplog.text
    watched.capture(NOON - 8 * HOUR)  # its hour is not closed while an earlier one waits
    watched.s3.unreadable.clear()
    assert watched.run(NOON + HOUR)["files"] == 2
    assert watched.counted() == (3, 3)


def test_a_file_that_nobody_can_read_is_given_up(watched: Watched) -> None:
    key = watched.capture(NOON - 10 * HOUR)
    watched.s3.unreadable.add(key)
    watched.run(NOON)
    watched.run(NOON + 4 * HOUR)
    assert not watched.notes(), "not while nothing can be read"
    watched.capture(NOON + 4 * HOUR)
    watched.run(NOON + 4 * HOUR + MINUTE)
    assert "given up, since nobody can read them: 1, such as" in watched.notes()
    assert key in watched.notes()
    watched.run(NOON + 5 * HOUR)
    assert watched.counted() == (1, 1)


def test_when_hardly_anything_can_be_read_the_run_fails_and_keeps_what_it_read(watched: Watched) -> None:
    watched.capture(NOON - 2 * HOUR)
    keys = [watched.capture(NOON - 50 * MINUTE + place * MINUTE) for place in range(40)]
    watched.s3.unreadable.update(keys)
    with pytest.raises(CaptureUnreadable, match="21 capture files cannot be read, such as data-capture"):
        watched.run(NOON)
    assert watched.emitted == []
    watched.s3.unreadable.clear()
    assert watched.run(NOON + HOUR)["files"] == 40
    assert watched.counted() == (41, 41)


def test_executions_that_cannot_be_listed(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    watched.capture(NOON - HOUR)
    watched.executions.add("image", "one", NOON - HOUR, "FAILED", error="LowConfidence")
    watched.run(NOON)
    watched.aws.answers["ListExecutions"] = states_error("AccessDeniedException")
    watched.capture(NOON - MINUTE)
    watched.run(NOON + MINUTE)
    assert watched.counted() == (2, 2)
    assert watched.numbers()["executions"] is None
    assert "executions are unknown in this report" in caplog.text
    assert any(record.levelno == logging.ERROR for record in caplog.records)
    del watched.aws.answers["ListExecutions"]
    watched.run(NOON + HOUR)
    assert watched.sum("FailedExecutionsByError") == 1, "what is in the metrics is still known"


def test_failed_executions_are_emitted_once_by_their_error(watched: Watched) -> None:
    for place in range(3):
        watched.executions.add("image", f"low-{place}", NOON - HOUR, "FAILED", error="LowConfidence")
    watched.run(NOON)
    watched.executions.add("image", "slow", NOON, "TIMED_OUT")
    watched.executions.add("image", "fine", NOON)
    watched.run(NOON + HOUR)
    lines = [line for line in watched.emitted if "Error" in line]
    assert [(line["Error"], line["FailedExecutionsByError"]) for line in lines] == [
        ("LowConfidence", 3),
        ("States.Timeout", 1),
    ]
    assert watched.numbers()["executions"]["outcomes"]["FAILED"] == 3


def test_images_get_their_names_from_executions(watched: Watched) -> None:
    key = watched.capture(NOON - HOUR)
    record = json.loads(watched.s3.objects[BUCKET, key])
    record["eventMetadata"]["inferenceId"] = "one"
    watched.s3.objects[BUCKET, key] = json.dumps(record).encode()
    given = {"s3_bucket": "images", "s3_key": "a.png"}
    arn = watched.executions.add("image", "one", NOON - HOUR, given=given)
    for now in (NOON, NOON + HOUR):  # named once, and known from then on
        watched.run(now)
        [recent] = watched.numbers()["recent"]
        assert (recent["s3_bucket"], recent["s3_key"], recent["execution_arn"]) == ("images", "a.png", arn)
    assert watched.executions.described.count(arn) == 1


def test_a_key_with_half_a_letter_does_not_stop_the_monitor(watched: Watched) -> None:
    """JSON can name it, and UTF-8 cannot: whoever starts an execution may give any key."""
    watched.executions.add("image", "one", NOON - HOUR, given='{"s3_key": "\\ud83d.png", "image_data": "x"}')
    key = watched.capture(NOON - HOUR)
    record = json.loads(watched.s3.objects[BUCKET, key])
    record["eventMetadata"]["inferenceId"] = "one"
    watched.s3.objects[BUCKET, key] = json.dumps(record).encode()
    watched.run(NOON)
    assert watched.numbers()["recent"][0]["s3_key"] == "\ud83d.png"
