"""CloudFormation's resource types of Application Auto Scaling, for the emulator's provisioner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loopback_aws.autoscaling.registry import KEY, SERVICE, endpoint_and_variant
from loopback_aws.autoscaling.service import ApplicationAutoScaling
from loopback_aws.errors import ApiError
from loopback_aws.requests.shapes import input_shape
from loopback_aws.requests.typed import typed

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]
"""Physical id and the attributes that `Fn::GetAtt` reads."""


def handlers(autoscaling: ApplicationAutoScaling) -> dict[str, dict[str, Any]]:
    """Resource type -> its create, update and delete."""

    def create_target(_logical_id: str, properties: Properties, _stack: str) -> Created:
        request = typed(input_shape(SERVICE, "RegisterScalableTarget"), properties)
        autoscaling.call("RegisterScalableTarget", request)
        autoscaling.bounds.apply(endpoint_and_variant(request["ResourceId"])[0])
        physical_id = "|".join(request[name] for name in KEY)
        return physical_id, {"Id": physical_id}

    def delete_target(physical_id: str, _properties: Properties) -> None:
        request = dict(zip(KEY, physical_id.split("|"), strict=True))
        _ignoring_absence(autoscaling, "DeregisterScalableTarget", request)

    def create_policy(_logical_id: str, properties: Properties, _stack: str) -> Created:
        arn = autoscaling.call("PutScalingPolicy", policy_request(properties))["PolicyARN"]
        return arn, {"Arn": arn}

    def delete_policy(physical_id: str, properties: Properties) -> None:
        if physical_id.startswith("arn:"):
            request = policy_request(properties)
            named = {name: request[name] for name in ("PolicyName", *KEY)}
            _ignoring_absence(autoscaling, "DeleteScalingPolicy", named)

    return {
        "AWS::ApplicationAutoScaling::ScalableTarget": _handler(create_target, delete_target),
        "AWS::ApplicationAutoScaling::ScalingPolicy": _handler(create_policy, delete_policy),
    }


def policy_request(properties: Properties) -> dict[str, Any]:
    """The request for a policy, whose target a template may give as `ScalingTargetId`."""
    given = dict(properties)
    if target := given.pop("ScalingTargetId", None):
        given |= dict(zip(KEY, target.split("|"), strict=True))
    if missing := [name for name in KEY if not given.get(name)]:
        raise ValueError(f"Give ScalingTargetId, or all of {', '.join(KEY)}; missing: {', '.join(missing)}.")
    request: dict[str, Any] = typed(input_shape(SERVICE, "PutScalingPolicy"), given)
    return request


def _handler(create: Callable[..., Created], delete: Callable[..., None]) -> dict[str, Any]:
    """Creating again changes in place under the same key, and makes a replacement under another one."""

    def update(
        physical_id: str, _old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> Created:
        return create(logical_id or physical_id, new, stack)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def _ignoring_absence(autoscaling: ApplicationAutoScaling, operation: str, request: dict[str, Any]) -> None:
    try:
        autoscaling.call(operation, request)
    except ApiError as error:
        if error.code != "ObjectNotFoundException":
            raise
