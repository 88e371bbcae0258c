"""Child executions of a map run: how they are named, what they run, and their rows."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable

from loopback_aws.states.arns import execution_arn, express_arn
from loopback_aws.states.records import Child, Counts, Execution, Machine, MapRun, now
from loopback_aws.states.runs.distributed_fields import Fields

OUTCOMES = {"SUCCEEDED": "succeeded", "FAILED": "failed", "TIMED_OUT": "timedOut", "ABORTED": "aborted"}
"""Status of an execution that has ended -> the count that it is in."""


def machine_of_children(parent: Machine, fields: Fields, label: str) -> Machine:
    """What the children run: the state's processor, as a machine `NAME/LABEL` of its own."""
    return dataclasses.replace(
        parent,
        arn=f"{parent.arn}/{label}",
        name=f"{parent.name}/{label}",
        type=fields.execution_type,
        definition=fields.processor,
        version_arn=None,
        alias_arn=None,
    )


def map_run_arn(machine: Machine) -> str:
    """ARN of a new map run; `machine` is its children's."""
    return f"{machine.arn.replace(':stateMachine:', ':mapRun:', 1)}:{uuid.uuid4()}"


def pending(machine: Machine, index: int, text: str, items: int) -> Child:
    """The row of a child that has not started; `text` is its input as JSON."""
    name = str(uuid.uuid4())
    return Child(
        index=index, execution_arn=_arn(machine, name), name=name, status="PENDING", input=text, items=items
    )


def anew(machine: Machine, child: Child) -> Child:
    """The row of an Express child that is to run again, as another execution of the same name."""
    return dataclasses.replace(child, execution_arn=_arn(machine, child.name))


def execution_of(child: Child, machine: Machine, map_run: MapRun) -> Execution:
    """The execution that starts now."""
    return Execution(
        arn=child.execution_arn,
        name=child.name,
        machine=machine,
        input=child.input,
        start=now(),
        map_run=map_run.arn,
        item_count=child.items,
    )


def ended(child: Child, execution: Execution) -> Child:
    """The row of a child whose execution has ended."""
    return dataclasses.replace(
        child,
        status=execution.status,
        output=execution.output,
        error=execution.error,
        cause=execution.cause,
        start=execution.start,
        stop=execution.stop,
        redrives=execution.redrives,
    )


def count(map_run: MapRun, child: Child, name: str, step: int = 1) -> None:
    """Count the child, and its items, among those of a status; `step` -1 takes it out again."""
    for counts, number in ((map_run.children, 1), (map_run.items, child.items)):
        setattr(counts, name, getattr(counts, name) + step * number)


def recount(map_run: MapRun, rows: Iterable[Child]) -> None:
    """Count all children anew for a redrive: those without success are to run again."""
    map_run.items, map_run.children = Counts(), Counts()
    for child in rows:
        count(map_run, child, "total")
        if child.status == "SUCCEEDED":
            count(map_run, child, "succeeded")
            count(map_run, child, "resultsWritten")
        else:
            count(map_run, child, "pending" if child.start is None else "pendingRedrive")


def _arn(machine: Machine, name: str) -> str:
    if machine.type == "EXPRESS":
        return express_arn(machine.arn, name, str(uuid.uuid4()))
    return execution_arn(machine.arn, name)
