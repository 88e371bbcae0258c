"""EventBridge Scheduler: schedules are due on their second, also after a restart, and are checked when made.

The emulator looks every ten seconds and counts from when it looked last, so that a rate falls behind; after
a restart everything is overdue at once. A function that fails is not tried again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from ministack.services import eventbridge, scheduler

from loopback_aws.schedules.functions import start_function
from loopback_aws.schedules.occurrences import check
from loopback_aws.schedules.ticker import LAST, tick

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS.AWS::Scheduler::Schedule",
    "ministack.services.eventbridge:_cron_next_fire",
    "ministack.services.eventbridge:_dispatch_to_lambda",
    "ministack.services.eventbridge:_invoke_target",
    "ministack.services.eventbridge:_parse_cron_fields",
    "ministack.services.eventbridge:_parse_rate_seconds",
    "ministack.services.scheduler:_SCHEDULE_TICK_INTERVAL",
    "ministack.services.scheduler:_create_schedule",
    "ministack.services.scheduler:_delete_schedule",
    "ministack.services.scheduler:_schedules",
    "ministack.services.scheduler:_tick_schedules",
    "ministack.services.scheduler:_update_schedule",
    "ministack.services.lambda_svc:_execution_record_for_config",
    "ministack.services.lambda_svc:_get_func_record_for_ref",
    "ministack.services.lambda_svc:invoke_async_with_retry",
)
SECONDS = 1
"""How often schedules are looked at."""
Operation = Callable[[str, dict[str, Any]], Any]


def apply() -> None:
    """Put the project's ticker in place of the emulator's, and check what is scheduled."""
    scheduler._SCHEDULE_TICK_INTERVAL = SECONDS
    scheduler._tick_schedules = tick
    eventbridge._dispatch_to_lambda = start_function
    scheduler._create_schedule = checking(scheduler._create_schedule)
    scheduler._update_schedule = checking(updating(scheduler._update_schedule))


def checking(operation: Operation) -> Operation:
    """The operation, which refuses expressions and time zones that are not understood."""

    def checked(name: str, request: dict[str, Any]) -> Any:
        try:
            check(request)
        except ValueError as error:
            body = json.dumps({"__type": "ValidationException", "Message": str(error)}).encode()
            return 400, {"Content-Type": "application/json", "x-amzn-errortype": "ValidationException"}, body
        return operation(name, request)

    return checked


def updating(operation: Operation) -> Operation:
    """UpdateSchedule: what is due by the new expression counts from now on."""

    def updated(name: str, request: dict[str, Any]) -> Any:
        answer = operation(name, request)
        if answer[0] == 200:
            scheduler._schedules[f"{request.get('GroupName', 'default')}/{name}"][LAST] = time.time()
        return answer

    return updated
