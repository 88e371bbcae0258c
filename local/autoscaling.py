"""Application Auto Scaling for endpoint variants: targets, bounds and policies.

The bounds act: a variant below the minimum is raised to it, one above the maximum lowered, when the target is
registered and after every update of its endpoint. Policies are kept and described, but nothing scales by
load: there are no metrics of a laptop's load worth following, and no alarms are made.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from local.errors import ApiError
from local.files import write_atomically
from local.sagemaker.listing import page_of
from local.sagemaker.service import SageMaker
from local.sagemaker.shapes import check_request, input_shape
from local.sagemaker.typed import typed

SERVICE = "application-autoscaling"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_RESOURCE = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_SETTLE_SECONDS = 1800.0
_KEY = ("ResourceId", "ScalableDimension", "ServiceNamespace")

_log = logging.getLogger("local.autoscaling")


class ApplicationAutoScaling:
    """Scalable targets by resource id and policies by ARN, kept in `state`/autoscaling.json."""

    def __init__(self, sagemaker: SageMaker, state: Path) -> None:
        self._sagemaker = sagemaker
        self._path = state / "autoscaling.json"
        self._lock = threading.RLock()
        kept = json.loads(self._path.read_text()) if self._path.exists() else {"targets": {}, "policies": {}}
        self._targets: dict[str, dict[str, Any]] = kept["targets"]
        self._policies: dict[str, dict[str, Any]] = kept["policies"]
        self._activities: list[dict[str, Any]] = []
        sagemaker.endpoints.scaling = self

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer of an operation; ApiError as AWS answers wrong requests, or naming what is not emulated."""
        operations = {
            "RegisterScalableTarget": self._register,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "PutScalingPolicy": self._put_policy,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "DescribeScalingActivities": self._describe_activities,
        }
        if operation not in operations:
            raise ApiError(
                "UnknownOperationException",
                f"Application Auto Scaling's {operation} is not emulated on loopback.",
            )
        check_request(SERVICE, operation, request)
        _only("ServiceNamespace", request.get("ServiceNamespace"), "sagemaker")
        _only("ScalableDimension", request.get("ScalableDimension"), DIMENSION)
        return operations[operation](request)

    def is_target(self, endpoint: str, variant: str) -> bool:
        """Whether the variant is registered as a scalable target."""
        return _resource_id(endpoint, variant) in self._targets

    def within_bounds(self, endpoint: str, counts: dict[str, int]) -> dict[str, int]:
        """Instance counts by variant, moved inside the bounds of those that are targets."""
        moved = dict(counts)
        with self._lock:
            for variant, count in counts.items():
                if target := self._targets.get(_resource_id(endpoint, variant)):
                    moved[variant] = max(target["MinCapacity"], min(count, target["MaxCapacity"]))
                    if moved[variant] != count:
                        self._note(target, count, moved[variant])
        return moved

    def deregister(self, endpoint: str, variants: set[str] | None = None) -> None:
        """Forget the targets of a deleted endpoint, or of variants that an update took away."""
        with self._lock:
            for resource_id in list(self._targets):
                name, variant = _parts(resource_id)
                if name == endpoint and (variants is None or variant in variants):
                    self._forget(resource_id)
            self._save()

    def apply_bounds(self, endpoint: str) -> None:
        """Bring the endpoint's variants inside their bounds; returns when that is done."""
        end = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < end:
            record = self._sagemaker.endpoints.wait_until_settled(endpoint, _SETTLE_SECONDS)
            counts = record["_plan"]["counts"]
            wanted = self.within_bounds(endpoint, counts)
            if record["EndpointStatus"] != "InService" or wanted == counts:
                return
            desired = [{"VariantName": name, "DesiredInstanceCount": count} for name, count in wanted.items()]
            try:
                self._sagemaker.call(
                    "UpdateEndpointWeightsAndCapacities",
                    {"EndpointName": endpoint, "DesiredWeightsAndCapacities": desired},
                )
            except ApiError as error:
                if "in-progress" not in error.message:
                    raise
                continue  # somebody else's update came first: bounds hold after it too
            if reason := self._sagemaker.endpoints.wait_until_settled(endpoint, _SETTLE_SECONDS).get(
                "FailureReason"
            ):
                raise ApiError("ConcurrentUpdateException", f"Endpoint {endpoint} was not scaled: {reason}")

    def _register(self, request: dict[str, Any]) -> dict[str, Any]:
        resource_id = request["ResourceId"]
        endpoint, variant = _parts(resource_id)
        record = self._sagemaker.store.need("endpoint", endpoint)
        if variant not in record["_plan"]["counts"]:
            raise ApiError("ValidationException", f"Endpoint {endpoint} has no production variant {variant}.")
        with self._lock:
            known = self._targets.get(resource_id, {})
            low = request.get("MinCapacity", known.get("MinCapacity"))
            high = request.get("MaxCapacity", known.get("MaxCapacity"))
            if low is None or high is None:
                raise ApiError(
                    "ValidationException",
                    "MinCapacity and MaxCapacity are needed when a scalable target is registered.",
                )
            if not 1 <= low <= high:
                raise ApiError(
                    "ValidationException",
                    f"MinCapacity {low} and MaxCapacity {high}: 1 <= minimum <= maximum must hold.",
                )
            arn = known.get("ScalableTargetARN") or self._arn(f"scalable-target/{uuid.uuid4().hex}")
            self._targets[resource_id] = {
                "CreationTime": time.time(),
                "RoleARN": f"arn:aws:iam::{self._account}:role/aws-service-role/"
                "sagemaker.application-autoscaling.amazonaws.com/"
                "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
                **known,
                **{name: value for name, value in request.items() if name != "Tags" and value is not None},
                "MinCapacity": low,
                "MaxCapacity": high,
                "ScalableTargetARN": arn,
            }
            self._save()
        threading.Thread(target=self._apply_or_log, args=(endpoint,), daemon=True).start()
        return {"ScalableTargetARN": arn}

    def _apply_or_log(self, endpoint: str) -> None:
        try:
            self.apply_bounds(endpoint)
        except (ApiError, TimeoutError) as error:
            _log.warning("Bounds of endpoint %s: %s", endpoint, error)

    def _deregister(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._need_target(request["ResourceId"])
            self._forget(request["ResourceId"])
            self._save()
        return {}

    def _describe_targets(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = request.get("ResourceIds")
        found = [t for t in self._targets.values() if not wanted or t["ResourceId"] in wanted]
        return _page("ScalableTargets", found, request)

    def _put_policy(self, request: dict[str, Any]) -> dict[str, Any]:
        name, resource_id = request["PolicyName"], request["ResourceId"]
        kind = request.get("PolicyType", "StepScaling")
        if kind not in ("StepScaling", "TargetTrackingScaling"):
            raise ApiError("ValidationException", f"PolicyType {kind} is not emulated on loopback.")
        configuration = f"{kind}PolicyConfiguration"
        if not request.get(configuration):
            raise ApiError("ValidationException", f"A policy of type {kind} needs {configuration}.")
        with self._lock:
            self._need_target(resource_id)
            known = self._find_policy(resource_id, name)
            arn = known["PolicyARN"] if known else self._policy_arn(resource_id, name)
            self._policies[arn] = {
                **{key: value for key, value in request.items() if value is not None},
                "PolicyType": kind,
                "PolicyARN": arn,
                "Alarms": [],
                "CreationTime": known["CreationTime"] if known else time.time(),
            }
            self._save()
        return {"PolicyARN": arn, "Alarms": []}

    def _delete_policy(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            policy = self._find_policy(request["ResourceId"], request["PolicyName"])
            if policy is None:
                raise ApiError(
                    "ObjectNotFoundException",
                    f"No scaling policy found for service namespace: sagemaker, resource ID: "
                    f"{request['ResourceId']}, scalable dimension: {DIMENSION}: {request['PolicyName']}",
                )
            del self._policies[policy["PolicyARN"]]
            self._save()
        return {}

    def _describe_policies(self, request: dict[str, Any]) -> dict[str, Any]:
        names, resource_id = request.get("PolicyNames"), request.get("ResourceId")
        found = [
            policy
            for policy in self._policies.values()
            if (not names or policy["PolicyName"] in names)
            and (resource_id is None or policy["ResourceId"] == resource_id)
        ]
        return _page("ScalingPolicies", found, request)

    def _describe_activities(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = request.get("ResourceId")
        found = [a for a in reversed(self._activities) if wanted in (None, a["ResourceId"])]
        return _page("ScalingActivities", found, request)

    def _find_policy(self, resource_id: str, name: str) -> dict[str, Any] | None:
        for policy in self._policies.values():
            if (policy["ResourceId"], policy["PolicyName"]) == (resource_id, name):
                return policy
        return None

    def _need_target(self, resource_id: str) -> None:
        if resource_id not in self._targets:
            raise ApiError(
                "ObjectNotFoundException",
                "No scalable target registered for service namespace: sagemaker, resource ID: "
                f"{resource_id}, scalable dimension: {DIMENSION}",
            )

    def _forget(self, resource_id: str) -> None:
        self._targets.pop(resource_id, None)
        for arn in [arn for arn, policy in self._policies.items() if policy["ResourceId"] == resource_id]:
            del self._policies[arn]

    def _note(self, target: dict[str, Any], count: int, moved: int) -> None:
        bound = "minimum" if moved > count else "maximum"
        self._activities.append(
            {
                "ActivityId": str(uuid.uuid4()),
                **{name: target[name] for name in _KEY},
                "Description": f"Setting desired instance count to {moved}.",
                "Cause": f"{bound} capacity was set to {moved}",
                "StartTime": time.time(),
                "StatusCode": "Successful",
            }
        )
        del self._activities[:-100]

    @property
    def _account(self) -> str:
        return self._sagemaker.store.arn("endpoint", "x").split(":")[4]

    def _arn(self, resource: str) -> str:
        region = self._sagemaker.store.arn("endpoint", "x").split(":")[3]
        return f"arn:aws:{SERVICE}:{region}:{self._account}:{resource}"

    def _policy_arn(self, resource_id: str, name: str) -> str:
        path = f"scalingPolicy:{uuid.uuid4()}:resource/sagemaker/{resource_id}:policyName/{name}"
        return self._arn(path).replace(f":{SERVICE}:", ":autoscaling:")

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        state = {"targets": self._targets, "policies": self._policies}
        write_atomically(self._path, json.dumps(state, indent=1).encode())


def handlers(autoscaling: ApplicationAutoScaling) -> dict[str, dict[str, Any]]:
    """CloudFormation's resource types of Application Auto Scaling, for the emulator's provisioner."""

    def create_target(
        _logical_id: str, properties: dict[str, Any], _stack: str
    ) -> tuple[str, dict[str, Any]]:
        request = typed(input_shape(SERVICE, "RegisterScalableTarget"), properties)
        autoscaling.call("RegisterScalableTarget", request)
        autoscaling.apply_bounds(_parts(request["ResourceId"])[0])
        physical_id = "|".join(request[name] for name in _KEY)
        return physical_id, {"Id": physical_id}

    def delete_target(physical_id: str, _properties: dict[str, Any]) -> None:
        request = dict(zip(_KEY, physical_id.split("|"), strict=True))
        _ignoring_absence(autoscaling, "DeregisterScalableTarget", request)

    def create_policy(
        _logical_id: str, properties: dict[str, Any], _stack: str
    ) -> tuple[str, dict[str, Any]]:
        arn = autoscaling.call("PutScalingPolicy", _policy_request(properties))["PolicyARN"]
        return arn, {"Arn": arn}

    def delete_policy(_physical_id: str, properties: dict[str, Any]) -> None:
        request = _policy_request(properties)
        named = {name: request[name] for name in ("PolicyName", *_KEY)}
        _ignoring_absence(autoscaling, "DeleteScalingPolicy", named)

    return {
        "AWS::ApplicationAutoScaling::ScalableTarget": _handler(create_target, delete_target),
        "AWS::ApplicationAutoScaling::ScalingPolicy": _handler(create_policy, delete_policy),
    }


def _handler(create: Any, delete: Any) -> dict[str, Any]:
    """Registering again under the same key changes in place, under another key it makes another one."""

    def update(
        physical_id: str, _old: Any, new: dict[str, Any], stack: str, logical_id: str | None = None
    ) -> tuple[str, dict[str, Any]]:
        created: tuple[str, dict[str, Any]] = create(logical_id or physical_id, new, stack)
        return created

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def _policy_request(properties: dict[str, Any]) -> dict[str, Any]:
    """The request for a policy, whose target a template may give as `ScalingTargetId`."""
    given = dict(properties)
    if target := given.pop("ScalingTargetId", None):
        given |= dict(zip(_KEY, target.split("|"), strict=True))
    if missing := [name for name in _KEY if not given.get(name)]:
        raise ValueError(f"Give ScalingTargetId, or all of {', '.join(_KEY)}; missing: {', '.join(missing)}.")
    request: dict[str, Any] = typed(input_shape(SERVICE, "PutScalingPolicy"), given)
    return request


def _ignoring_absence(autoscaling: ApplicationAutoScaling, operation: str, request: dict[str, Any]) -> None:
    try:
        autoscaling.call(operation, request)
    except ApiError as error:
        if error.code != "ObjectNotFoundException":
            raise


def _page(member: str, entries: list[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    page, token = page_of(entries, {**request, "MaxResults": request.get("MaxResults") or 50})
    return {member: page} | ({"NextToken": token} if token else {})


def _only(parameter: str, value: str | None, emulated: str) -> None:
    if value not in (None, emulated):
        raise ApiError(
            "ValidationException", f"{parameter} {value} is not emulated on loopback, only {emulated}."
        )


def _resource_id(endpoint: str, variant: str) -> str:
    return f"endpoint/{endpoint}/variant/{variant}"


def _parts(resource_id: str) -> tuple[str, str]:
    match = _RESOURCE.fullmatch(resource_id)
    if match is None:
        raise ApiError(
            "ValidationException", f"ResourceId {resource_id!r} is not endpoint/NAME/variant/NAME."
        )
    return match[1], match[2]
