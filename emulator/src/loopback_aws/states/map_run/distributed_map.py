"""A Distributed Map state as it is executed: its events, its map run and its result.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName

from loopback_aws.states.flow.items import Item
from loopback_aws.states.map_run import children
from loopback_aws.states.map_run.errors import MapRunError
from loopback_aws.states.map_run.state import InvalidItems, MapState
from loopback_aws.states.map_run.work import Work
from loopback_aws.states.records import MapRun, now
from loopback_aws.states.runs.resumption import Point
from loopback_aws.states.runs.run import Run


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
        self._run: Run = env.event_manager.run
        self._store = self._run.host.store
        self._state = MapState(state.distributed, env)
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
        result = self._result(map_run, items)
        if self._env.is_running():
            self._env.stack.append(result)
            self._record("MapStateSucceeded", moves=False)

    def _items(self) -> list[Item] | None:
        try:
            return self._state.items()
        except InvalidItems as error:
            details = {"error": error.error, "cause": error.cause}
            if error.error == "States.QueryEvaluationError":
                raise self._failure(error, "EvaluationFailed", details | {"location": "Items"}) from None
            raise self._failure(error, "ExecutionFailed", details) from None

    def _new(self) -> MapRun:
        try:
            tolerance = self._state.tolerance()
        except MapRunError as error:
            details = {"error": error.error, "cause": error.cause}
            raise self._failure(error, "ExecutionFailed", details) from None
        machine = children.machine_of_children(
            self._run.execution.machine, self._state.fields, self._state.label
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
        map_run = self._store.map_run(arn) if arn else None
        if map_run is None or not map_run.read:
            return None
        map_run.status, map_run.stop = "RUNNING", None
        map_run.redrives += 1
        map_run.redriven = now()
        children.recount(map_run, self._store.children(map_run.arn))
        return map_run

    def _result(self, map_run: MapRun, items: list[Item] | None) -> Any:
        """Run the map run; what the state's result is. Its end is recorded and kept."""
        work = Work(self._name, self._state, map_run, self._run)
        self._run.map_runs[map_run.arn] = work.live
        try:
            self._store.put_map_run(map_run)
            result = work.result(items)
        except BaseException as failure:
            work.live.end()
            self._end(map_run, "FAILED")
            if isinstance(failure, (MapRunError, FailureEventException)):
                raise self._failed(failure) from None
            raise
        self._end(map_run, "SUCCEEDED")
        if self._env.is_running():
            self._record("MapRunSucceeded")
        return result

    def _end(self, map_run: MapRun, status: Any) -> None:
        """Keep the end; a run whose state runs no more was aborted, whatever came of it."""
        map_run.status, map_run.stop = status if self._env.is_running() else "ABORTED", now()
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
