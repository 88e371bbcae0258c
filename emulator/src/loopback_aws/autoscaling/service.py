"""The operations of Application Auto Scaling."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from loopback_aws.autoscaling.bounds import Bounds
from loopback_aws.autoscaling.registry import DIMENSION, SERVICE, Entry, Registry, endpoint_and_variant
from loopback_aws.errors import ApiError
from loopback_aws.requests.listing import page_of
from loopback_aws.requests.shapes import check_request
from loopback_aws.sagemaker.service import SageMaker

_PAGE_SIZE = 50
_POLICY_TYPES = ("TargetTrackingScaling", "StepScaling")
_ROLE = (
    "arn:aws:iam::{account}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)

_log = logging.getLogger("loopback_aws.autoscaling")


class ApplicationAutoScaling:
    """Scalable targets on the endpoints of `sagemaker`, kept in `state`/autoscaling.json."""

    def __init__(self, sagemaker: SageMaker, state: Path) -> None:
        self._sagemaker = sagemaker
        self._registry = Registry(state / "autoscaling.json")
        self.bounds = Bounds(self._registry, sagemaker)
        sagemaker.rollouts.scaling = self.bounds
        self._operations = {
            "RegisterScalableTarget": self._register,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "PutScalingPolicy": self._put_policy,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "DescribeScalingActivities": self._describe_activities,
        }

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer of an operation; ApiError as AWS answers wrong requests, or naming what is not emulated."""
        if operation not in self._operations:
            raise ApiError(
                "UnknownOperationException",
                f"Application Auto Scaling's {operation} is not emulated on loopback.",
            )
        check_request(SERVICE, operation, request)
        given = {name: value for name, value in request.items() if value is not None}
        _only("ServiceNamespace", given.get("ServiceNamespace"), "sagemaker")
        _only("ScalableDimension", given.get("ScalableDimension"), DIMENSION)
        return self._operations[operation](given)

    def _register(self, request: Entry) -> Entry:
        endpoint, variant = endpoint_and_variant(request["ResourceId"])
        record = self._sagemaker.store.need("endpoint", endpoint)
        if variant not in record["_plan"]["counts"]:
            raise ApiError("ValidationException", f"Endpoint {endpoint} has no production variant {variant}.")
        with self._registry.lock:
            known = self._registry.targets.get(request["ResourceId"])
            target = self._target(request, known or {})
            self._registry.targets[request["ResourceId"]] = target
            self._registry.save()
        threading.Thread(target=self._apply_bounds, args=(endpoint,), daemon=True).start()
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def _target(self, request: Entry, known: Entry) -> Entry:
        """The target as it is described; ApiError when its bounds are missing or the wrong way round."""
        target = {
            "CreationTime": time.time(),
            "RoleARN": _ROLE.format(account=self._place()[1]),
            "ScalableTargetARN": self._arn(SERVICE, f"scalable-target/{uuid.uuid4().hex}"),
            **known,
            **{name: value for name, value in request.items() if name != "Tags"},
        }
        low, high = target.get("MinCapacity"), target.get("MaxCapacity")
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
        return target

    def _apply_bounds(self, endpoint: str) -> None:
        try:
            self.bounds.apply(endpoint)
        except (ApiError, TimeoutError) as error:
            _log.warning("Bounds of endpoint %s: %s", endpoint, error)

    def _deregister(self, request: Entry) -> Entry:
        with self._registry.lock:
            self._registry.need_target(request["ResourceId"])
            self._registry.forget(request["ResourceId"])
            self._registry.save()
        return {}

    def _put_policy(self, request: Entry) -> Entry:
        name, resource = request["PolicyName"], request["ResourceId"]
        kind = request.get("PolicyType", "StepScaling")
        if kind not in _POLICY_TYPES:
            raise ApiError("ValidationException", f"PolicyType {kind} is not emulated on loopback.")
        if not request.get(f"{kind}PolicyConfiguration"):
            raise ApiError("ValidationException", f"PolicyType {kind} needs {kind}PolicyConfiguration.")
        with self._registry.lock:
            self._registry.need_target(resource)
            known = self._registry.find_policy(resource, name) or {
                "PolicyARN": self._policy_arn(resource, name),
                "CreationTime": time.time(),
            }
            policy = {**request, "PolicyType": kind, "Alarms": []}
            policy |= {key: known[key] for key in ("PolicyARN", "CreationTime")}
            self._registry.policies[policy["PolicyARN"]] = policy
            self._registry.save()
        return {"PolicyARN": policy["PolicyARN"], "Alarms": []}

    def _delete_policy(self, request: Entry) -> Entry:
        with self._registry.lock:
            policy = self._registry.find_policy(request["ResourceId"], request["PolicyName"])
            if policy is None:
                raise ApiError(
                    "ObjectNotFoundException",
                    f"No scaling policy found for service namespace: sagemaker, resource ID: "
                    f"{request['ResourceId']}, scalable dimension: {DIMENSION}: {request['PolicyName']}",
                )
            del self._registry.policies[policy["PolicyARN"]]
            self._registry.save()
        return {}

    def _describe_targets(self, request: Entry) -> Entry:
        wanted = request.get("ResourceIds")
        found = [t for t in self._registry.targets.values() if not wanted or t["ResourceId"] in wanted]
        return _page("ScalableTargets", found, request)

    def _describe_policies(self, request: Entry) -> Entry:
        names, resource = request.get("PolicyNames"), request.get("ResourceId")
        found = [
            policy
            for policy in self._registry.policies.values()
            if (not names or policy["PolicyName"] in names) and resource in (None, policy["ResourceId"])
        ]
        return _page("ScalingPolicies", found, request)

    def _describe_activities(self, request: Entry) -> Entry:
        wanted = request.get("ResourceId")
        found = [a for a in reversed(self._registry.activities) if wanted in (None, a["ResourceId"])]
        return _page("ScalingActivities", found, request)

    def _place(self) -> tuple[str, str]:
        """Region and account."""
        _, _, _, region, account, _ = self._sagemaker.store.arn("endpoint", "any").split(":")
        return region, account

    def _arn(self, service: str, resource: str) -> str:
        return ":".join(("arn:aws", service, *self._place(), resource))

    def _policy_arn(self, resource: str, name: str) -> str:
        path = f"scalingPolicy:{uuid.uuid4()}:resource/sagemaker/{resource}:policyName/{name}"
        return self._arn("autoscaling", path)


def _page(member: str, entries: list[Entry], request: Entry) -> Entry:
    page, token = page_of(entries, {"MaxResults": _PAGE_SIZE, **request})
    return {member: page} | ({"NextToken": token} if token else {})


def _only(parameter: str, value: str | None, emulated: str) -> None:
    if value not in (None, emulated):
        raise ApiError(
            "ValidationException", f"{parameter} {value} is not emulated on loopback, only {emulated}."
        )
