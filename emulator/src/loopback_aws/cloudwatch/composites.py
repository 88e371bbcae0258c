"""AWS::CloudWatch::CompositeAlarm: the emulator has the alarms and their rules, not the resource type."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from loopback_aws.cloudwatch.alarms import CHANGING

TYPE = "AWS::CloudWatch::CompositeAlarm"
CREATE_ONLY: dict[str, tuple[str, ...]] = {TYPE: ("AlarmName",)}
"""Properties whose change replaces the resource."""
TAGS_PROPERTY = {TYPE: ("Tags", "list")}
"""Where the tags of a stack go."""
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_TAKEN = ("AlarmName", "AlarmRule", "AlarmDescription", "ActionsEnabled", "Tags", *_ACTIONS)
MOST_DESCRIPTION = 1024
"""Characters of a description."""
Properties = dict[str, Any]
PRIVATE = (
    "ministack.services.cloudformation.provisioners:_physical_name",
    "ministack.services.cloudwatch:_composite_alarms",
    "ministack.services.cloudwatch:_delete_alarms",
    "ministack.services.cloudwatch:_put_composite_alarm",
    "ministack.services.cloudwatch:_resource_tags",
)
"""What this relies on in the emulator."""


def handlers() -> dict[str, dict[str, Any]]:
    """Resource type -> its create, update and delete."""
    return {TYPE: {"create": create, "update": update, "delete": delete}}


def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, dict[str, Any]]:
    """Make the alarm; ValueError with the reason when AWS, or the local AWS, would not."""
    name = properties.get("AlarmName") or provisioners._physical_name(stack, logical_id, max_len=255)
    return put(str(name), properties)


def update(
    physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Change the alarm in place; another name makes a new one, and CloudFormation deletes the old one."""
    if old.get("AlarmName") != new.get("AlarmName"):
        return create(logical_id or physical_id, new, stack)
    return put(physical_id, new)


def delete(name: str, _: Properties) -> None:
    """Delete the alarm if it is there; ValueError while another composite alarm needs it."""
    with CHANGING:
        status, _headers, body = cloudwatch._delete_alarms({}, {"AlarmNames": [name]}, False, True)
    if status >= 400:
        raise ValueError(_text(body))


def put(name: str, properties: Properties) -> tuple[str, dict[str, Any]]:
    """PutCompositeAlarm of a template's properties: physical id and attributes."""
    if other := sorted(set(properties) - set(_TAKEN)):
        raise ValueError(f"{TYPE}: {', '.join(other)} is not emulated on loopback")
    if len(str(properties.get("AlarmDescription") or "")) > MOST_DESCRIPTION:
        raise ValueError(f"{TYPE}: a description has at most {MOST_DESCRIPTION} characters")
    enabled = str(properties.get("ActionsEnabled", True)).lower() != "false"
    request = {key: value for key, value in properties.items() if value is not None and key != "Tags"}
    request |= {"AlarmName": name, "ActionsEnabled": enabled}
    with CHANGING:
        status, _headers, body = cloudwatch._put_composite_alarm({}, request, False, True)
    if status >= 400:
        raise ValueError(_text(body))
    arn = cloudwatch._composite_alarms[name]["AlarmArn"]
    # Not by the request: users may not set the tags that CloudFormation adds.
    cloudwatch._resource_tags[arn] = {tag["Key"]: tag["Value"] for tag in properties.get("Tags") or []}
    return name, {"Arn": arn}


def _text(body: bytes) -> str:
    return str(json.loads(body).get("message", body))
