"""Starts what schedules are due for: each occurrence once, on its second; none while it is down."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import new_uuid, request_scope
from ministack.services import eventbridge, scheduler

from local.schedules.occurrences import completed, occurrence

_log = logging.getLogger("local.schedules")


class Ticker:
    """Looks from time to time at what became due since it looked last."""

    def __init__(self) -> None:
        self._until = time.time()

    def tick(self) -> None:
        """Start the targets of all schedules that are due, without waiting for them."""
        after, self._until = self._until, max(self._until, time.time())
        for key, schedule in list(scheduler._schedules.all_items()):
            account, region, _ = key
            try:
                due = occurrence(schedule, after, self._until)
                if due is not None:
                    with request_scope(account, region):
                        start(schedule, due, account, region)
                if schedule.get("ActionAfterCompletion") == "DELETE" and completed(schedule, self._until):
                    scheduler._schedules.pop_scoped(*key, None)
            except Exception:  # noqa: BLE001 - one schedule must not keep the others from being looked at
                _log.exception("Schedule %s", schedule.get("Name"))


def start(schedule: dict[str, Any], due: float, account: str, region: str) -> None:
    """Send the target its input, or the event of a schedule without one."""
    target = dict(schedule.get("Target") or {})
    if target.get("Input"):
        target["Input"] = filled(str(target["Input"]), schedule, due)
    event = {
        "EventId": new_uuid(),
        "Source": "aws.scheduler",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "Time": due,
        "Resources": [schedule["Arn"]],
        "Account": account,
        "Region": region,
    }
    eventbridge._invoke_target(target, event, schedule)


def filled(text: str, schedule: dict[str, Any], due: float) -> str:
    """The input with the schedule's context in place of AWS's keywords."""
    moment = datetime.fromtimestamp(due, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for keyword, value in {
        "schedule-arn": schedule["Arn"],
        "scheduled-time": moment,
        "execution-id": new_uuid(),
        "attempt-number": "1",
    }.items():
        text = text.replace(f"<aws.scheduler.{keyword}>", value)
    return text
