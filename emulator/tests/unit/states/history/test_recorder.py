"""The history of one run: numbers, the one event that ends it, and its limit."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from enum import Enum

from loopback_aws.states.history import recorder as module
from loopback_aws.states.history.recorder import Recorder, limited, plain
from loopback_aws.states.records import Event, Execution, Machine
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext


class Kept:
    """What a recorder hands on."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.lines: list[Event] = []

    def recorder(self, last_id: int = 0) -> Recorder:
        return Recorder(
            EXECUTION,
            keep=lambda _, event: self.events.append(event),
            log=lambda _, events: self.lines.extend(events),
            last_id=last_id,
        )

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


EXECUTION = Execution(
    arn="arn:aws:states:us-east-1:000000000000:execution:m:x",
    name="x",
    machine=Machine(
        arn="arn:aws:states:us-east-1:000000000000:stateMachine:m",
        name="m",
        type="STANDARD",
        definition="{}",
        role="",
        logging={},
    ),
    input="{}",
    start=datetime.now(UTC),
)


def test_events_are_numbered_and_name_the_one_before() -> None:
    kept = Kept()
    recorder, place = kept.recorder(), EventHistoryContext.of_program_start()
    recorder.add_event(place, "ExecutionStarted", update_source_event_id=False)
    recorder.add_event(place, "PassStateEntered", {"stateEnteredEventDetails": {"name": "A", "input": None}})
    recorder.add_event(place, "PassStateExited")
    assert [(event["id"], event["previousEventId"]) for event in kept.events] == [(1, 0), (2, 0), (3, 2)]
    assert kept.events[1]["stateEnteredEventDetails"] == {"name": "A"}
    assert kept.lines == kept.events


def test_nothing_comes_after_the_event_that_ends_the_execution() -> None:
    kept = Kept()
    recorder, place = kept.recorder(), EventHistoryContext.of_program_start()
    assert recorder.end("ExecutionAborted", {"error": "E"}, previous=0)
    assert not recorder.end("ExecutionTimedOut", {}, previous=0)
    recorder.add_event(place, "PassStateExited")
    recorder.add_event(place, "ExecutionSucceeded")
    assert kept.types == ["ExecutionAborted"]
    assert kept.events[0]["executionAbortedEventDetails"] == {"error": "E"}
    assert recorder.ended_from_outside


def test_an_execution_that_ended_by_itself_cannot_be_ended_from_outside() -> None:
    kept = Kept()
    recorder = kept.recorder()
    recorder.add_event(EventHistoryContext.of_program_start(), "ExecutionSucceeded")
    assert not recorder.end("ExecutionAborted", {}, previous=0)
    assert not recorder.ended_from_outside


def test_who_waits_is_woken_by_the_end() -> None:
    recorder = Kept().recorder()
    before, after = threading.Event(), threading.Event()
    with recorder.waking(before):
        recorder.end("ExecutionAborted", {}, previous=0)
        assert before.is_set()
    with recorder.waking(after):
        assert after.is_set()


def test_the_last_event_before_the_limit_is_the_end() -> None:
    kept = Kept()
    recorder = kept.recorder(last_id=module.EVENTS - 2)
    reached: list[bool] = []
    recorder.full = lambda: reached.append(True)
    place = EventHistoryContext.of_program_start()
    for _ in range(3):
        recorder.add_event(place, "PassStateEntered")
    assert kept.types == ["PassStateEntered"]
    assert reached == [True]


def test_a_continued_history_goes_on_with_the_next_number() -> None:
    kept = Kept()
    kept.recorder(last_id=41).add_event(EventHistoryContext(previous_event_id=41), "ExecutionRedriven")
    assert (kept.events[0]["id"], kept.events[0]["previousEventId"]) == (42, 41)


def test_plain_values_have_no_enumerations_and_nothing_without_a_value() -> None:
    class Kind(Enum):
        ONE = "one"

    assert plain({"kind": Kind.ONE, "none": None, "list": [{"a": None}], "no": False, "zero": 0}) == {
        "kind": "one",
        "list": [{}],
        "no": False,
        "zero": 0,
    }


def test_errors_and_causes_are_cut_at_the_limits_of_events() -> None:
    details = {"executionFailedEventDetails": {"error": "e" * 300, "cause": "c" * 40_000, "x": 1}}
    [cut] = limited(details).values()
    assert (len(cut["error"]), len(cut["cause"]), cut["x"]) == (256, 32_768, 1)
