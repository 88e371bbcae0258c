"""EventBridge: "Step Functions Execution Status Change" on the default bus, for Standard executions.

Members, and times in milliseconds: docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ministack.core.responses import request_scope

from loopback_aws.service_events import put_event
from loopback_aws.states.records import Execution

DATA_BYTES = 248 * 1024
"""Most bytes of escaped input and output that an event carries."""
_log = logging.getLogger("loopback_aws.states.history.status_events")

Watcher = Callable[[Execution], None]
"""Is told of every execution, Express too, when it starts and when it ends."""


class StatusEvents:
    """Publishes changes of executions' status, and tells whoever else watches."""

    def __init__(self, redrive_problem: Callable[[Execution], str | None]) -> None:
        """`redrive_problem` says why an execution cannot be redriven; None when it can."""
        self._redrive_problem = redrive_problem
        self._watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> None:
        """Have `watcher` called after each event, in the execution's account and region."""
        self._watchers.append(watcher)

    def publish(self, execution: Execution) -> None:
        """Tell of the execution's status. A failure is logged: delivery is best effort, as on AWS."""
        region, account = execution.machine.arn.split(":")[3:5]
        with request_scope(account, region):
            try:
                if execution.machine.type == "STANDARD":
                    _put(execution, self._redrive_problem(execution))
                for watcher in self._watchers:
                    watcher(execution)
            except Exception:  # noqa: BLE001 - what listens must not end what runs
                _log.exception("The status of %s could not be told", execution.arn)


def _put(execution: Execution, redrive_problem: str | None) -> None:
    told = detail(execution, redrive_problem)
    put_event("aws.states", "Step Functions Execution Status Change", execution.arn, told)


def detail(execution: Execution, redrive_problem: str | None) -> dict[str, Any]:
    """`detail` of the event: every member is there, null where there is nothing to say."""
    ended = execution.status == "SUCCEEDED"
    given, made = fitting(execution.input, execution.output)
    by_map_run = execution.map_run is not None
    redrivable = "REDRIVABLE_BY_MAP_RUN" if by_map_run else "REDRIVABLE"
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine.arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": milliseconds(execution.start),
        "stopDate": milliseconds(execution.stop),
        "input": given,
        "output": made,
        "inputDetails": {"included": given is not None},
        "outputDetails": {"included": made is not None} if ended else None,
        "error": execution.error,
        "cause": execution.cause,
        "stateMachineVersionArn": execution.machine.version_arn,
        "stateMachineAliasArn": execution.machine.alias_arn,
        "redriveCount": execution.redrives,
        "redriveDate": milliseconds(execution.redriven),
        "redriveStatus": "NOT_REDRIVABLE" if redrive_problem else redrivable,
        "redriveStatusReason": redrive_problem,
    }


def fitting(given: str, made: str | None) -> tuple[str | None, str | None]:
    """(input, output) as an event carries them: no output that is longer than 248 KiB once it is escaped,
    and no input when the two together are."""
    output = escaped(made) if made is not None else 0
    return (
        given if escaped(given) + output <= DATA_BYTES else None,
        made if output <= DATA_BYTES else None,
    )


def escaped(data: str) -> int:
    """Bytes of the data as text inside of JSON."""
    return len(json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def milliseconds(moment: datetime | None) -> int | None:
    """Milliseconds since the epoch."""
    return None if moment is None else round(moment.timestamp() * 1000)
