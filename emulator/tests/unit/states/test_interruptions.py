"""What ran when the local AWS ended has failed at its next start: once, and before anything is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback_aws.states.history.store import Store
from loopback_aws.states.interruptions import settle
from loopback_aws.states.records import Counts, Execution
from loopback_aws.states.service import StepFunctions

from tests.unit.states.known import EXECUTION, NOON, child, execution, map_run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "states.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path)
    yield store
    store.close()


def names(found: tuple[list[Execution], str | None]) -> str:
    return "".join(item.name for item in found[0])


def test_what_ran_has_failed_after_a_restart(path: Path, store: Store) -> None:
    store.put_execution(execution("a"))
    store.add_event(f"{EXECUTION}:a", {"id": 1, "type": "ExecutionStarted"})
    store.put_execution(execution("b", status="PENDING_REDRIVE"))
    store.put_map_run(map_run("m", children=Counts(running=2, pending=3, total=5)))
    for number, status in enumerate(("SUCCEEDED", "SUCCEEDED", "ABORTED", "PENDING", "PENDING")):
        store.put_child(map_run("m").arn, child(number, status))
    store.close()
    again = Store(path)
    settle(again)
    failed = again.execution(f"{EXECUTION}:a")
    assert failed is not None
    assert (failed.status, failed.error) == ("FAILED", "States.ServiceRestart")
    assert failed.stop is not None
    last = again.events(failed.arn, limit=9)[-1]
    assert (last["id"], last["previousEventId"], last["type"]) == (2, 1, "ExecutionFailed")
    assert last["executionFailedEventDetails"]["error"] == "States.ServiceRestart"
    assert names(again.executions(status="FAILED", limit=9)) in ("ab", "ba")
    run = again.map_runs(f"{EXECUTION}:a")[0]
    assert (run.status, run.stop is None) == ("FAILED", False)
    assert run.children == Counts(total=5, succeeded=2, resultsWritten=2, aborted=1, failed=2)
    assert run.items == run.children
    again.close()


def test_an_execution_whose_history_had_ended_keeps_that_end(path: Path, store: Store) -> None:
    store.put_execution(execution("a"))
    last = {"id": 1, "type": "ExecutionSucceeded", "timestamp": NOON.timestamp()}
    store.add_event(f"{EXECUTION}:a", last | {"executionSucceededEventDetails": {"output": "[1]"}})
    store.close()
    again = Store(path)
    settle(again)
    ended = again.execution(f"{EXECUTION}:a")
    assert ended is not None
    assert (ended.status, ended.output, ended.stop, ended.error) == ("SUCCEEDED", "[1]", NOON, None)
    assert len(again.events(ended.arn, limit=9)) == 1
    again.close()


def test_the_service_settles_once_and_tells_once(path: Path, store: Store) -> None:
    store.put_execution(execution("a"))
    store.close()
    told: list[str] = []
    for _ in range(2):
        service = StepFunctions(state=path.parent, port=0, secret="")
        service.watch(lambda ended: told.append(f"{ended.name} {ended.status}"))
        described = service.call("DescribeExecution", {"executionArn": f"{EXECUTION}:a"})
        history = service.call("GetExecutionHistory", {"executionArn": f"{EXECUTION}:a"})["events"]
        service.tell_interrupted()
        service.tell_interrupted()
        service.stop()
        assert (described["status"], described["error"]) == ("FAILED", "States.ServiceRestart")
        assert [event["type"] for event in history] == ["ExecutionFailed"]
    assert told == ["a FAILED"]
