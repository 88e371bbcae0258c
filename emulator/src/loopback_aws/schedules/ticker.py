"""Starts what schedules are due for: each occurrence once, on its second.

Of those that pass while the local AWS is down, one of each schedule is made up for at the next start: AWS
misses none.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import new_uuid, request_scope
from ministack.services import eventbridge, scheduler

from loopback_aws.schedules.occurrences import completed, occurrence

_log = logging.getLogger("loopback_aws.schedules")


LAST = "_LastStarted"
"""Member of a schedule's record, kept with it: until when its occurrences are dealt with, in seconds."""


def tick() -> None:
    """Start the targets of all schedules that are due, without waiting for them."""
    now = time.time()
    for key, schedule in scheduler._schedules.all_items():
        account, region, _ = key
        try:
            due = occurrence(schedule, dealt_with(schedule), now)
            if due is not None:
                schedule[LAST] = now
                with request_scope(account, region):
                    start(schedule, due, account, region)
            if schedule.get("ActionAfterCompletion") == "DELETE" and completed(schedule, now):
                scheduler._schedules.pop_scoped(*key, None)
        except Exception:  # noqa: BLE001 - one schedule must not keep the others from being looked at
            _log.exception("Schedule %s", schedule.get("Name"))


def dealt_with(schedule: dict[str, Any]) -> float:
    """After when a schedule may be due; the moment at which it was made is the first of a rate."""
    return float(schedule.get(LAST) or float(schedule["CreationDate"]) - 0.001)


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
