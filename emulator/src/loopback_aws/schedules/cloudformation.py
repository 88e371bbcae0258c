"""AWS::Scheduler::Schedule: with every property, and with the API's refusals as the resource's failure."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import scheduler
from ministack.services.cloudformation import provisioners

from loopback_aws.schedules.occurrences import seconds

TYPE = "AWS::Scheduler::Schedule"
CREATE_ONLY: dict[str, tuple[str, ...]] = {TYPE: ("Name", "GroupName")}
"""Properties whose change replaces the resource."""
Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]


def handlers() -> dict[str, dict[str, Any]]:
    """Resource type -> its create, update and delete."""
    return {TYPE: {"create": create, "update": update, "delete": delete}}


def create(logical_id: str, properties: Properties, stack: str) -> Created:
    """Make the schedule; ValueError with the API's reason when it refuses."""
    name = properties.get("Name") or provisioners._physical_name(stack, logical_id, max_len=64)
    return _answered(str(name), scheduler._create_schedule(name, _request(properties)))


def update(
    physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
) -> Created:
    """Change the schedule in place; another name or group makes a new one."""
    if any(old.get(name) != new.get(name) for name in CREATE_ONLY[TYPE]):
        return create(logical_id or physical_id, new, stack)
    return _answered(physical_id, scheduler._update_schedule(physical_id, _request(new)))


def delete(name: str, properties: Properties) -> None:
    """Delete the schedule if it is there."""
    scheduler._delete_schedule(name, {"groupName": properties.get("GroupName") or "default"})


def _request(properties: Properties) -> dict[str, Any]:
    request = {key: value for key, value in properties.items() if value is not None and key != "Name"}
    return request | {key: seconds(request[key]) for key in ("StartDate", "EndDate") if key in request}


def _answered(name: str, answer: tuple[int, dict[str, str], bytes]) -> Created:
    body = json.loads(answer[2])
    if answer[0] >= 400:
        raise ValueError(str(body.get("Message")))
    return name, {"Arn": body["ScheduleArn"]}
