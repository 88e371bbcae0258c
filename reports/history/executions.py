"""How often the workflow ran, and how it ended: what Step Functions lists of a window of time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from reports import document
from reports.history.descriptions import Description, Descriptions
from reports.times import floor_hour, utc

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

OUTCOMES: tuple[document.Outcome, ...] = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "RUNNING")
NOT_SUCCEEDED = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})
NOT_LOOKED_UP = "not looked up"
_UNSAID = {"TIMED_OUT": "States.Timeout", "ABORTED": "Aborted"}
"""Errors that DescribeExecution may leave unsaid, as `scones executions` names them."""
_PAGE = 1_000


class Execution(NamedTuple):
    """One execution as ListExecutions gives it; `kind` is the key of its machine."""

    kind: str
    arn: str
    name: str
    status: str
    started: datetime
    stopped: datetime | None

    @property
    def ended_badly(self) -> bool:
        """Whether it failed, ran out of time or was stopped."""
        return self.status in NOT_SUCCEEDED


@dataclass(frozen=True, kw_only=True)
class ExecutionHistory:
    """The executions that started in a window of time.

    machines: ARNs by kind, "image" for the machine of one image and "batch" for that of many.
    complete: whether there are no more than were listed; executions beyond the limit are the older ones.
    errors: by ARN, of those that ended badly as far as they were looked up; `descriptions` are of the same.
    """

    machines: Mapping[str, str]
    executions: tuple[Execution, ...]
    complete: bool = True
    errors: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, Description] = field(default_factory=dict)

    def known_errors(self) -> dict[str, str]:
        """Errors by ARN, to be given to the next listing, so that each execution is looked up once."""
        return dict(self.errors)

    def as_numbers(self) -> document.Executions:
        """Counts by outcome, error, machine and UTC hour; an execution counts in the hour it started."""
        return {
            "listed": len(self.executions),
            "complete": self.complete,
            "errors_complete": all(one.arn in self.errors for one in self.executions if one.ended_badly),
            "outcomes": _outcomes(self.executions),
            "errors": [{"error": error, "count": count} for error, count in self._errors().items()],
            "machines": [
                {
                    "name": arn.rpartition(":")[2],
                    "outcomes": _outcomes(one for one in self.executions if one.kind == kind),
                }
                for kind, arn in self.machines.items()
            ],
            "hours": _hours(self.executions),
        }

    def _errors(self) -> dict[str, int]:
        """How often each error ended an execution, the most frequent first."""
        bad = [execution.arn for execution in self.executions if execution.ended_badly]
        counts = Counter(self.errors.get(arn, NOT_LOOKED_UP) for arn in bad)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def execution_arn(machine: str, name: str) -> str:
    """ARN of the execution of this name, from the machine's."""
    return f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name}"


def list_executions(
    states: SFNClient,
    machines: Mapping[str, str],
    start: datetime,
    stop: datetime,
    *,
    limit: int = 10_000,
    errors_limit: int = 500,
    known_errors: Mapping[str, str] | None = None,
) -> ExecutionHistory:
    """The executions of the machines (ARNs by kind, see ExecutionHistory) that started in [start, stop).

    limit: the most of one machine; the latest are listed. errors_limit: the most whose error is looked up
    beside the known ones, the latest first. What AWS refuses of a list passes through as botocore raises it;
    an error that cannot be looked up is left unknown. Children of a Map state belong to no machine, and are
    not listed.
    """
    found: list[Execution] = []
    complete = True
    for kind, machine in machines.items():
        listed = list(islice(_started(states, kind, machine, start, stop), limit + 1))
        complete = complete and len(listed) <= limit
        found += listed[:limit]
    found.sort(key=lambda execution: (execution.started, execution.arn))
    status = {one.arn: one.status for one in found}
    errors = {arn: error for arn, error in (known_errors or {}).items() if arn in status}
    unknown = [one.arn for one in reversed(found) if one.ended_badly and one.arn not in errors]
    descriptions = Descriptions(states).read(unknown[:errors_limit])
    for arn, description in descriptions.items():
        errors[arn] = description.error or _UNSAID.get(status[arn], status[arn])
    return ExecutionHistory(
        machines=dict(machines),
        executions=tuple(found),
        complete=complete,
        errors=errors,
        descriptions=descriptions,
    )


def _started(
    states: SFNClient, kind: str, machine: str, start: datetime, stop: datetime
) -> Iterator[Execution]:
    """Newest first. A redriven execution may stand among later ones, so only a whole page that is too old
    ends the list."""
    given: Any = {"stateMachineArn": machine, "maxResults": _PAGE}
    for page in states.get_paginator("list_executions").paginate(**given):
        items = page["executions"]
        for item in items:
            if start <= item["startDate"] < stop:
                yield Execution(
                    kind,
                    item["executionArn"],
                    item["name"],
                    item["status"],
                    item["startDate"],
                    item.get("stopDate"),
                )
        if items and all(item["startDate"] < start for item in items):
            return


def _outcomes(executions: Iterable[Execution]) -> document.Outcomes:
    """Counts by outcome, all named; one that waits for its redrive runs on."""
    counts = Counter(one.status if one.status in OUTCOMES else "RUNNING" for one in executions)
    return {outcome: counts[outcome] for outcome in OUTCOMES}


def _hours(executions: Iterable[Execution]) -> list[document.ExecutionHour]:
    by_hour: dict[datetime, list[Execution]] = defaultdict(list)
    for execution in executions:
        by_hour[floor_hour(execution.started)].append(execution)
    return [_hour(hour, _outcomes(by_hour[hour])) for hour in sorted(by_hour)]


def _hour(start: datetime, outcomes: document.Outcomes) -> document.ExecutionHour:
    return {
        "start": utc(start),
        "SUCCEEDED": outcomes["SUCCEEDED"],
        "FAILED": outcomes["FAILED"],
        "TIMED_OUT": outcomes["TIMED_OUT"],
        "ABORTED": outcomes["ABORTED"],
        "RUNNING": outcomes["RUNNING"],
    }
