"""Scalable targets and scaling policies as they are kept."""

from __future__ import annotations

import re
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from loopback_aws.disk import refusal
from loopback_aws.errors import ApiError
from loopback_aws.files import load_state, save_state

SERVICE = "application-autoscaling"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
KEY = ("ResourceId", "ScalableDimension", "ServiceNamespace")
"""What identifies a scalable target, in the order of CloudFormation's physical id."""
MOST_ACTIVITIES = 100

_RESOURCE = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")

Entry = dict[str, Any]


class Registry:
    """Targets by resource id, policies by ARN, the latest activities. Hold `lock` to change, then `save`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lock = threading.RLock()
        self.targets: dict[str, Entry] = {}
        self.policies: dict[str, Entry] = {}
        self.activities: list[Entry] = []
        self._load()

    def need_target(self, resource_id: str) -> Entry:
        if resource_id not in self.targets:
            raise ApiError(
                "ObjectNotFoundException",
                "No scalable target registered for service namespace: sagemaker, resource ID: "
                f"{resource_id}, scalable dimension: {DIMENSION}",
            )
        return self.targets[resource_id]

    def find_policy(self, resource_id: str, name: str) -> Entry | None:
        for policy in self.policies.values():
            if (policy["ResourceId"], policy["PolicyName"]) == (resource_id, name):
                return policy
        return None

    def forget(self, resource_id: str) -> None:
        """Drop a target and its policies."""
        self.targets.pop(resource_id, None)
        for arn in [arn for arn, policy in self.policies.items() if policy["ResourceId"] == resource_id]:
            del self.policies[arn]

    def note_move(self, target: Entry, count: int, moved: int) -> None:
        """Remember that a bound moved an instance count."""
        bound = "minimum" if moved > count else "maximum"
        self.activities.append(
            {
                "ActivityId": str(uuid.uuid4()),
                **{name: target[name] for name in KEY},
                "Description": f"Setting desired instance count to {moved}.",
                "Cause": f"{bound} capacity was set to {moved}",
                "StartTime": time.time(),
                "StatusCode": "Successful",
            }
        )
        del self.activities[:-MOST_ACTIVITIES]

    def save(self) -> None:
        """Write the file. When it cannot be written all is as it says, and the ApiError says why."""
        try:
            save_state(self._path, {"targets": self.targets, "policies": self.policies})
        except OSError as error:
            self.targets, self.policies = {}, {}
            self._load()
            raise ApiError("ServiceUnavailable", refusal(error, self._path.parent), 503) from None

    def _load(self) -> None:
        keys = ("targets", "policies")
        state = load_state(self._path, keys, "Application Auto Scaling", lost="scalable targets")
        if state:
            self.targets, self.policies = state["targets"], state["policies"]


def resource_id(endpoint: str, variant: str) -> str:
    return f"endpoint/{endpoint}/variant/{variant}"


def endpoint_and_variant(resource: str) -> tuple[str, str]:
    """The names in a resource id; ApiError when it is not one of an endpoint's variant."""
    match = _RESOURCE.fullmatch(resource)
    if match is None:
        raise ApiError("ValidationException", f"ResourceId {resource!r} is not endpoint/NAME/variant/NAME.")
    return match[1], match[2]
