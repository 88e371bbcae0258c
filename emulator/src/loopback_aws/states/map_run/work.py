"""The children of one map run, from their inputs to the state's result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loopback_aws.states.flow.clients import client_for
from loopback_aws.states.flow.items import Item
from loopback_aws.states.map_run import children
from loopback_aws.states.map_run.compact_json import json_bytes
from loopback_aws.states.map_run.errors import DataLimitExceeded
from loopback_aws.states.map_run.live import LiveMapRun
from loopback_aws.states.map_run.results import result_values, write_results
from loopback_aws.states.map_run.spec import MAX_INPUT_BYTES, WriterSpec
from loopback_aws.states.map_run.state import MapState
from loopback_aws.states.map_run.tolerance import ToleratedFailureExceeded, exceeded
from loopback_aws.states.records import Child, MapRun
from loopback_aws.states.runs.redrive import redriven, resume_of
from loopback_aws.states.runs.run import Run

IN_MEMORY = 1_000
"""Children whose rows are not read again from the store to be started."""
LOOK = 0.25
"""Seconds after which a state looks whether a branch beside it has failed meanwhile."""


class Work:
    """What a map run does; `run` is the execution's, in whose host its children run."""

    def __init__(self, name: str, state: MapState, map_run: MapRun, run: Run) -> None:
        """`name` is the Map state's."""
        self._name = name
        self._state = state
        self._map_run = map_run
        self._host = run.host
        self._store = run.host.store
        self._machine = children.machine_of_children(
            run.execution.machine, state.fields, map_run.machine.rpartition("/")[2]
        )
        self.live = LiveMapRun(map_run, self._store, self._prepare)

    def result(self, items: list[Item] | None) -> Any:
        """Run all children that have not succeeded; what the state's result is then.

        `items` are those of the state's input, None those that are to be read. Raises MapRunError, moto's
        errors of templates, and what goes wrong in a worker. Worth nothing once the state runs no more.
        """
        env, live = self._state.env, self.live
        writer = self._state.writer()
        rows = self._unfinished() if self._map_run.read else self._spool(items)
        with env.event_manager.waking(live.finished):
            live.run(rows)
            while not live.finished.wait(LOOK) and env.is_running():
                pass
        live.end()
        if live.fault:
            raise live.fault
        written = self._written(writer) if writer and writer.bucket else None
        if exceeded(self._map_run):
            raise ToleratedFailureExceeded
        return written or self._values(writer)

    def _spool(self, items: list[Item] | None) -> Iterator[Child]:
        """Write a row for every child before the first one starts, so that their number is known and none
        has to stay in memory; the rows again, to be started."""
        map_run = self._map_run
        first: list[Child] = []
        for index, (text, size) in enumerate(self._state.inputs(items, self._s3())):
            if not self._state.env.is_running():
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
        return iter(self._store.children(map_run.arn, status="PENDING"))

    def _unfinished(self) -> Iterator[Child]:
        return (child for child in self._store.children(self._map_run.arn) if child.status != "SUCCEEDED")

    def _prepare(self, child: Child) -> tuple[Child, Run]:
        """The run of a child: from its start, or for a Standard child that had started from where it was."""
        if child.start and self._machine.type == "EXPRESS":
            child = children.anew(self._machine, child)
        elif child.start and (known := self._store.execution(child.execution_arn)):
            resume = resume_of(self._store, known)
            redriven(known)
            self._store.put_execution(known)
            return child, self._host.child(known, resume)
        execution = children.execution_of(child, self._machine, self._map_run)
        self._store.put_execution(execution)
        return child, self._host.child(execution)

    def _written(self, writer: WriterSpec) -> dict[str, Any]:
        """Write the result files; where they are."""
        map_run = self._map_run
        result = write_results(writer, map_run, self._store.children(map_run.arn), self._s3())
        for counts in (map_run.children, map_run.items):
            counts.resultsWritten = counts.total - counts.pending - counts.running
        return result

    def _values(self, writer: WriterSpec | None) -> list[Any]:
        """The results themselves. Raises DataLimitExceeded."""
        size, found = 1, []
        for value in result_values(writer, self._map_run, self._store.children(self._map_run.arn)):
            found.append(value)
            size += len(json_bytes(value)) + 1
            if size > MAX_INPUT_BYTES:
                raise DataLimitExceeded(
                    f"The state/task '{self._name}' returned a result with a size exceeding the maximum "
                    "number of bytes service limit."
                )
        return found

    def _s3(self) -> Any:
        return client_for(self._state.env.aws_execution_details.region, "s3")
