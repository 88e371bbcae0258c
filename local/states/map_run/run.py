"""A Distributed Map state as it is executed: its events, its map run and its result.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName

from local.states.clients import client_for
from local.states.map_run import children
from local.states.map_run.errors import DataLimitExceeded, MapRunError
from local.states.map_run.items.item import Item
from local.states.map_run.live import LiveMapRun
from local.states.map_run.results import result_values, write_results
from local.states.map_run.spec import MAX_INPUT_BYTES, WriterSpec
from local.states.map_run.state import InvalidItems, MapState
from local.states.map_run.tolerance import ToleratedFailureExceeded, exceeded
from local.states.records import Child, MapRun, now
from local.states.redrive import redriven, resume_of
from local.states.resumption import Point

IN_MEMORY = 1_000
"""Children whose rows are not read again from the store to be started."""
LOOK = 0.25
"""Seconds after which a state looks whether a branch beside it has failed meanwhile."""


def execute(state: Any, env: Any) -> None:
    """Execute moto's Map state that has `distributed` Fields; its result is on the stack afterwards.

    Raises moto's FailureEventException; returns early, without a result, when `env` is running no more.
    """
    DistributedMap(state, env).execute()


class DistributedMap:
    """One execution of the state."""

    def __init__(self, state: Any, env: Any) -> None:
        self._name = state.name
        self._env = env
        self._run = env.event_manager.run
        self._store = self._run.interpreter.store
        self._fields = MapState(state.distributed, env)
        state.max_concurrency_decl.eval(env=env)
        self._concurrency = env.stack.pop()

    def execute(self) -> None:
        """From MapStateStarted to MapStateSucceeded, or to an exception."""
        if map_run := self._continued():
            self._record("MapRunRedriven", mapRunArn=map_run.arn, redriveCount=map_run.redrives)
            items = None
        else:
            items = self._items()
            self._record("MapStateStarted", length=len(items or ()))
            map_run = self._new()
            self._record("MapRunStarted", mapRunArn=map_run.arn)
        self._machine = children.machine_of_children(
            self._run.execution.machine, self._fields.fields, map_run.machine.rpartition("/")[2]
        )
        result = self._result(map_run, items)
        if self._env.is_running():
            self._env.stack.append(result)
            self._record("MapStateSucceeded", moves=False)

    def _items(self) -> list[Item] | None:
        try:
            return self._fields.items()
        except InvalidItems as error:
            details = {"error": error.error, "cause": error.cause}
            if error.error == "States.QueryEvaluationError":
                raise self._failure(error, "EvaluationFailed", details | {"location": "Items"}) from None
            raise self._failure(error, "ExecutionFailed", details) from None

    def _new(self) -> MapRun:
        try:
            tolerance = self._fields.tolerance()
        except MapRunError as error:
            details = {"error": error.error, "cause": error.cause}
            raise self._failure(error, "ExecutionFailed", details) from None
        machine = children.machine_of_children(
            self._run.execution.machine, self._fields.fields, self._fields.label
        )
        return MapRun(
            arn=children.map_run_arn(machine),
            execution=self._run.execution.arn,
            machine=machine.arn,
            start=now(),
            max_concurrency=self._concurrency,
            tolerated_failure_count=tolerance.count or 0,
            tolerated_failure_percentage=tolerance.percentage or 0.0,
        )

    def _continued(self) -> MapRun | None:
        """The map run that a redrive goes on with, counted anew; None otherwise."""
        point: Point | None = self._env.__dict__.pop("resumed", None)
        arn = point.map_run if point else None
        map_run: MapRun | None = self._store.map_run(arn) if arn else None
        if map_run is None or not map_run.read:
            return None
        map_run.status, map_run.stop = "RUNNING", None
        map_run.redrives += 1
        map_run.redriven = now()
        children.recount(map_run, self._store.children(map_run.arn))
        return map_run

    def _result(self, map_run: MapRun, items: list[Item] | None) -> Any:
        """Run all children; what the state's result is. The end of the map run is recorded and kept."""
        live = LiveMapRun(map_run, self._store, self._prepare(map_run))
        self._run.map_runs[map_run.arn] = live
        try:
            self._store.put_map_run(map_run)
            result = self._children(live, items)
        except (MapRunError, FailureEventException) as failure:
            self._end(map_run, "FAILED")
            raise self._failed(failure) from None
        except BaseException:
            self._end(map_run, "FAILED")
            raise
        finally:
            live.end()
        self._end(map_run, "SUCCEEDED" if self._env.is_running() else "ABORTED")
        if self._env.is_running():
            self._record("MapRunSucceeded")
        return result

    def _children(self, live: LiveMapRun, items: list[Item] | None) -> Any:
        writer = self._fields.writer()
        rows = self._unfinished(live.map_run) if live.map_run.read else self._spool(live.map_run, items)
        with self._env.event_manager.waking(live.finished):
            live.run(rows)
            while not live.finished.wait(LOOK) and self._env.is_running():
                pass
        live.end()
        failed = exceeded(live.map_run)
        result = self._results(live.map_run, writer) if not failed or (writer and writer.bucket) else None
        if failed and self._env.is_running():
            raise ToleratedFailureExceeded
        if live.fault:
            raise live.fault
        return result

    def _spool(self, map_run: MapRun, items: list[Item] | None) -> Iterator[Child]:
        """Write a row for every child before the first one starts, so that their number is known and none
        has to stay in memory; the rows again, to be started."""
        first: list[Child] = []
        for index, (text, size) in enumerate(self._fields.inputs(items, self._s3())):
            if not self._env.is_running():
                return iter(())
            child = children.pending(self._machine, index, text, size)
            children.count(map_run, child, "total")
            children.count(map_run, child, "pending")
            self._store.put_child(map_run.arn, child)
            if index < IN_MEMORY:
                first.append(child)
        map_run.read = True
        self._store.put_map_run(map_run)
        if map_run.children.total <= IN_MEMORY:
            return iter(first)
        return self._store.children(map_run.arn, status="PENDING")

    def _unfinished(self, map_run: MapRun) -> Iterator[Child]:
        return (child for child in self._store.children(map_run.arn) if child.status != "SUCCEEDED")

    def _prepare(self, map_run: MapRun) -> Any:
        def prepare(child: Child) -> tuple[Child, Any]:
            if child.start and self._machine.type == "EXPRESS":
                child = children.anew(self._machine, child)
            elif child.start and (execution := self._store.execution(child.execution_arn)):
                resume = resume_of(self._store, execution)
                redriven(execution)
                self._store.put_execution(execution)
                return child, self._run.interpreter.child(execution, resume)
            execution = children.execution_of(child, self._machine, map_run)
            self._store.put_execution(execution)
            return child, self._run.interpreter.child(execution)

        return prepare

    def _results(self, map_run: MapRun, writer: WriterSpec | None) -> Any:
        rows = self._store.children(map_run.arn)
        if writer and writer.bucket:
            result = write_results(writer, map_run, rows, self._s3())
            for counts in (map_run.children, map_run.items):
                counts.resultsWritten = counts.total - counts.pending - counts.running
            return result
        return self._within_limit(result_values(writer, map_run, rows))

    def _within_limit(self, values: Iterable[Any]) -> list[Any]:
        size, found = 2, []
        for value in values:
            found.append(value)
            size += len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()) + 1
            if size - 1 > MAX_INPUT_BYTES:
                raise DataLimitExceeded(
                    f"The state/task '{self._name}' returned a result with a size exceeding the maximum "
                    "number of bytes service limit."
                )
        return found

    def _s3(self) -> Any:
        return client_for(self._env.aws_execution_details.region, "s3")

    def _end(self, map_run: MapRun, status: Any) -> None:
        map_run.status, map_run.stop = status, now()
        self._store.put_map_run(map_run)

    def _record(self, kind: str, *, moves: bool = True, **details: Any) -> None:
        name = f"{kind[0].lower()}{kind[1:]}EventDetails"
        self._env.event_manager.add_event(
            self._env.event_history_context,
            kind,
            {name: details} if details else None,
            update_source_event_id=moves,
        )

    def _failed(self, failure: MapRunError | FailureEventException) -> FailureEventException:
        """Record MapRunFailed; what moto is to raise."""
        if isinstance(failure, MapRunError):
            self._record("MapRunFailed", error=failure.error, cause=failure.cause)
            return self._failure(failure, "MapRunFailed", {"error": failure.error, "cause": failure.cause})
        pair = failure.extract_error_cause_pair() or (None, None)
        with suppress(ValueError):
            self._record("MapRunFailed", error=pair[0], cause=pair[1])
        return failure

    def _failure(self, error: MapRunError, kind: str, details: dict[str, Any]) -> FailureEventException:
        return FailureEventException(
            FailureEvent(
                env=self._env,
                error_name=StatesErrorName.from_name(error.error),
                event_type=HistoryEventType(kind),
                event_details={f"{kind[0].lower()}{kind[1:]}EventDetails": details},
            )
        )
