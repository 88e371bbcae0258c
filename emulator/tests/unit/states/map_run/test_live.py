"""The workers of a map run: how many, until when, and what they count."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from loopback_aws.states.map_run.children import count, pending, recount
from loopback_aws.states.map_run.live import LiveMapRun
from loopback_aws.states.map_run.tolerance import exceeded
from loopback_aws.states.records import Child, Execution, Machine, MapRun

MACHINE = Machine(
    arn="arn:aws:states:us-east-1:000000000000:stateMachine:m/label",
    name="m/label",
    type="STANDARD",
    definition="{}",
    role="role",
    logging={"level": "OFF"},
)


class Store:
    """Keeps the rows in memory."""

    def __init__(self) -> None:
        self.rows: dict[int, Child] = {}

    def put_map_run(self, map_run: MapRun) -> None: ...

    def put_child(self, _: str, child: Child) -> None:
        self.rows[child.index] = child

    def put_execution(self, execution: Execution) -> None: ...


class Run:
    """A child that ends when it is told how."""

    def __init__(self, child: Child, started: list[Run]) -> None:
        now = datetime.now(UTC)
        self.execution = Execution(
            arn=child.execution_arn, name=child.name, machine=MACHINE, input=child.input, start=now
        )
        self._ended = threading.Event()
        self._started = started

    def evaluate(self) -> None:
        self._started.append(self)
        assert self._ended.wait(60)

    def stop(self, *_: str | None) -> bool:
        self.end("ABORTED")
        return True

    def end(self, status: Any) -> None:
        if not self._ended.is_set():
            self.execution.status = status
            self._ended.set()


class Case:
    """A live map run of `number` children."""

    def __init__(self, number: int, **more: Any) -> None:
        self.store, self.started = Store(), list[Run]()
        self.map_run = MapRun(arn="run", execution="e", machine=MACHINE.arn, start=datetime.now(UTC), **more)
        self.live = LiveMapRun(self.map_run, self.store, lambda child: (child, Run(child, self.started)))
        self._children = [pending(MACHINE, index, "{}", 2) for index in range(number)]
        for child in self._children:
            count(self.map_run, child, "total")
            count(self.map_run, child, "pending")

    def begin(self) -> None:
        self.live.run(iter(self._children))

    def wait_for_started(self, number: int) -> None:
        end = threading.Event()
        for _ in range(6000):
            if len(self.started) == number:
                return
            end.wait(0.01)
        raise AssertionError(f"{len(self.started)} have started and not {number}")


@pytest.fixture
def case() -> Iterator[Case]:
    case = Case(4, max_concurrency=2)
    yield case
    case.live.end()


def test_runs_as_many_at_once_as_it_may(case: Case) -> None:
    case.begin()
    case.wait_for_started(2)
    assert (case.map_run.children.running, case.map_run.children.pending) == (2, 2)
    assert case.map_run.items.running == 4
    case.started[0].end("SUCCEEDED")
    case.wait_for_started(3)
    assert case.map_run.children.succeeded == 1


def test_more_workers_start_when_the_concurrency_is_raised(case: Case) -> None:
    case.begin()
    case.wait_for_started(2)
    case.live.update(concurrency=0)
    case.wait_for_started(4)


def test_workers_end_when_the_concurrency_is_lowered(case: Case) -> None:
    case.begin()
    case.wait_for_started(2)
    case.live.update(concurrency=1)
    case.started[0].end("SUCCEEDED")
    case.started[1].end("SUCCEEDED")
    case.wait_for_started(3)
    assert case.map_run.children.running == 1
    case.started[2].end("SUCCEEDED")
    case.wait_for_started(4)
    case.started[3].end("SUCCEEDED")
    assert case.live.finished.wait(60)
    assert {row.status for row in case.store.rows.values()} == {"SUCCEEDED"}


def test_one_failure_too_many_starts_no_child_any_more(case: Case) -> None:
    case.begin()
    case.wait_for_started(2)
    case.started[0].end("FAILED")
    assert case.live.finished.wait(60)
    case.live.end()
    counts = case.map_run.children
    assert (counts.failed, counts.aborted, counts.pending, counts.running) == (1, 1, 2, 0)
    assert sorted(row.status for row in case.store.rows.values()) == ["ABORTED", "FAILED"]


def test_a_worker_that_fails_itself_ends_the_run(case: Case) -> None:
    def prepare(child: Child) -> Any:
        raise ValueError(child.name)

    case.live._prepare = prepare
    case.begin()
    assert case.live.finished.wait(60)
    assert isinstance(case.live.fault, ValueError)


def test_nothing_to_run() -> None:
    case = Case(0)
    case.begin()
    assert case.live.finished.is_set()


@pytest.mark.parametrize(
    ("failed", "tolerated", "percentage", "too_many"),
    [
        (0, 0, 0.0, False),
        (1, 0, 0.0, True),
        (2, 2, 0.0, False),
        (3, 2, 0.0, True),
        (5, 0, 50.0, False),
        (6, 0, 50.0, True),
        (3, 2, 50.0, True),
        (6, 9, 50.0, True),
    ],
)
def test_thresholds(failed: int, tolerated: int, percentage: float, too_many: bool) -> None:
    case = Case(0, tolerated_failure_count=tolerated, tolerated_failure_percentage=percentage)
    case.map_run.items.total = 10
    case.map_run.items.failed = failed
    assert exceeded(case.map_run) is too_many
    case.map_run.items.failed, case.map_run.items.timedOut = 0, failed
    assert exceeded(case.map_run) is too_many


def test_a_redrive_counts_anew() -> None:
    case = Case(0)
    now = datetime.now(UTC)
    statuses: list[tuple[Any, datetime | None]] = [("SUCCEEDED", now), ("FAILED", now), ("PENDING", None)]
    rows = [
        Child(index=index, execution_arn="", name="", status=status, input="1", start=start, items=3)
        for index, (status, start) in enumerate(statuses)
    ]
    recount(case.map_run, rows)
    counts = case.map_run.items
    assert (counts.total, counts.succeeded, counts.failed) == (9, 3, 0)
    assert (counts.pendingRedrive, counts.pending) == (3, 3)
