"""Where a redriven execution goes on, by its history."""

from __future__ import annotations

import json
from typing import Any

from loopback_aws.states.records import Event
from loopback_aws.states.runs.resumption import Finished, History, Point

PASS = {"Type": "Pass", "End": True}
DEFINITION = {
    "StartAt": "First",
    "States": {
        "First": {"Type": "Pass", "Next": "Map"},
        "Map": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Both",
                "States": {
                    "Both": {
                        "Type": "Parallel",
                        "Branches": [
                            {"StartAt": "Left", "States": {"Left": PASS}},
                            {"StartAt": "Right", "States": {"Right": PASS}},
                        ],
                        "End": True,
                    }
                },
            },
            "Next": "Last",
        },
        "Last": {"Type": "Fail"},
    },
}


class Told:
    """Events as they are told, each with its number."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, kind: str, previous: int, **details: Any) -> int:
        name = "stateEntered" if kind.endswith("Entered") else kind[0].lower() + kind[1:]
        name = "stateExited" if kind.endswith("StateExited") else name
        event = {"id": len(self.events) + 1, "previousEventId": previous, "type": kind}
        self.events.append(event | {f"{name}EventDetails": details})
        return len(self.events)

    def entered(self, name: str, previous: int, given: Any = None) -> int:
        return self.add("PassStateEntered", previous, name=name, input=json.dumps(given))

    def exited(self, name: str, previous: int, output: Any = None, **variables: str) -> int:
        more = {"assignedVariables": variables} if variables else {}
        return self.add("PassStateExited", previous, name=name, output=json.dumps(output), **more)

    def point(self, *, anew: bool = False) -> Point | None:
        history = History(json.dumps(DEFINITION))
        history.follow(self.events)
        return history.point(anew=anew)


def iterations(told: Told) -> int:
    """A map of two iterations; the branch `Right` of the second has not succeeded. Its last event."""
    started = told.add("ExecutionStarted", 0)
    first = told.exited("First", told.entered("First", started, 1), 2, x="3", s='"a"')
    start = told.add("MapStateStarted", told.entered("Map", first, 2))
    one = told.add("MapIterationStarted", start, name="Map", index=0)
    two = told.add("MapIterationStarted", start, name="Map", index=1)
    both = [told.add("ParallelStateStarted", told.entered("Both", before, 5)) for before in (one, two)]
    left = [told.exited("Left", told.entered("Left", before, 5), 6) for before in both]
    right = [told.entered("Right", before, 7) for before in both]
    done = told.exited("Right", right[0], 8)
    told.exited("Both", told.add("ParallelStateSucceeded", max(done, left[0])), [6, 8])
    return right[1]


def test_nothing_was_entered() -> None:
    told = Told()
    told.add("ExecutionStarted", 0)
    assert told.point() is None


def test_goes_on_within_branches_and_iterations() -> None:
    told = Told()
    told.add("ExecutionFailed", iterations(told))
    point = told.point()
    assert point is not None
    assert (point.state, point.input, point.variables) == ("Map", 2, {"x": 3, "s": "a"})
    assert point.branches[0] == Finished(output=[6, 8])
    second = point.branches[1]
    assert isinstance(second, Point)
    assert second.state == "Both"
    assert second.branches == {0: Finished(output=6), 1: Point(state="Right", input=7)}


def test_anew_keeps_nothing_of_the_branches() -> None:
    told = Told()
    iterations(told)
    point = told.point(anew=True)
    assert point is not None
    assert point.branches == {}


def test_a_retry_starts_everything_anew() -> None:
    told = Told()
    iterations(told)
    [started] = [event["id"] for event in told.events if event["type"] == "MapStateStarted"]
    told.add("MapStateStarted", started)
    point = told.point()
    assert point is not None
    assert point.branches == {}


def test_a_retry_of_a_parallel_state_within_an_iteration() -> None:
    told = Told()
    told.add("ParallelStateStarted", iterations(told))
    point = told.point()
    assert point is not None
    assert point.branches[1] == Point(state="Both", input=5)


def test_a_retry_after_an_inner_state_had_failed() -> None:
    told = Told()
    told.add("MapStateStarted", told.add("ParallelStateFailed", iterations(told)))
    point = told.point()
    assert point is not None
    assert point.branches == {}


def test_between_two_states_the_next_is_entered() -> None:
    told = Told()
    told.exited("First", told.entered("First", 0, 1), 2)
    assert told.point() == Point(state="Map", input=2, entered=False)


def test_a_fail_state_is_entered_again() -> None:
    told = Told()
    told.exited("Map", told.entered("Map", 0), 4)
    told.entered("Last", 2, 4)
    assert told.point() == Point(state="Last", input=4, entered=False)


def test_second_redrive() -> None:
    """Events of a redrive do not lead back to the states that had been entered before it."""
    told = Told()
    ended = told.add("ExecutionFailed", iterations(told))
    redriven = told.add("ExecutionRedriven", ended, redriveCount=1)
    again = told.add("MapIterationStarted", redriven, name="Map", index=1)
    told.exited("Right", again, 9)
    point = told.point()
    assert point is not None
    assert point.branches[0] == Finished(output=[6, 8])
    assert point.branches[1] == Point(
        state="Both", input=5, branches={0: Finished(output=6), 1: Finished(output=9)}
    )
