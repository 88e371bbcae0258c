"""EventBridge: "SageMaker Endpoint State Change" and "SageMaker Endpoint Deployment State Change".

Members of both details: docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html.
Times are milliseconds, statuses upper case. Only documented members are sent: there is no FailureReason in
them, which DescribeEndpoint tells. A deployment's event is sent for each stage of its variants; that a
deployment has ended, the state's event says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from loopback_aws.sagemaker.control.summary import describe
from loopback_aws.sagemaker.hosting.rollouts import Rollouts
from loopback_aws.sagemaker.store import Record, Store

STATE_CHANGE = "SageMaker Endpoint State Change"
DEPLOYMENT_STATE_CHANGE = "SageMaker Endpoint Deployment State Change"
_VARIANT = (
    *("VariantName", "CurrentWeight", "DesiredWeight", "CurrentInstanceCount", "DesiredInstanceCount"),
    "VariantStatus",
)
_TIMES = ("CreationTime", "LastModifiedTime", "StartTime")


class EndpointEvents:
    """Tells of endpoints (`Listener` of `hosting.progress`)."""

    def __init__(
        self, store: Store, rollouts: Rollouts, publish: Callable[[str, str, dict[str, Any]], None]
    ) -> None:
        """`publish` takes the type of an event, the endpoint's ARN and the detail."""
        self._store = store
        self._rollouts = rollouts
        self._publish = publish

    def status_changed(self, record: Record) -> None:
        detail = self._detail(record)
        detail["ProductionVariants"] = [
            {member: variant[member] for member in ("DesiredWeight", "DesiredInstanceCount")}
            for variant in detail["ProductionVariants"]
        ]
        detail.pop("PendingDeploymentSummary", None)
        self._publish(STATE_CHANGE, record["EndpointArn"], detail)

    def deployment_changed(self, record: Record) -> None:
        self._publish(DEPLOYMENT_STATE_CHANGE, record["EndpointArn"], self._detail(record))

    def _detail(self, record: Record) -> dict[str, Any]:
        with self._store.lock:
            described = describe(record, self._rollouts.traffic(record["EndpointName"]))
            tags = dict(self._store.tags.get(record["EndpointArn"], {}))
        return detail_of(described, tags)


def detail_of(described: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    """A deployment's detail of what DescribeEndpoint answers."""
    members = ("EndpointName", "EndpointArn", "EndpointConfigName", "CreationTime", "LastModifiedTime")
    detail = {member: described[member] for member in members}
    detail |= {
        "EndpointStatus": upper_case(described["EndpointStatus"]),
        "ProductionVariants": [_variant(one) for one in described.get("ProductionVariants", [])],
        "Tags": tags,
    }
    if pending := described.get("PendingDeploymentSummary"):
        detail["PendingDeploymentSummary"] = {
            "EndpointConfigName": pending["EndpointConfigName"],
            "StartTime": pending["StartTime"],
            "ProductionVariants": [_variant(one) for one in pending["ProductionVariants"]],
        }
    shown: dict[str, Any] = _with_milliseconds(detail)
    return shown


def upper_case(status: str) -> str:
    """`InService` as events have it: `IN_SERVICE`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper()


def _variant(described: dict[str, Any]) -> dict[str, Any]:
    return {member: described[member] for member in _VARIANT if member in described}


def _with_milliseconds(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_milliseconds(one) for one in value]
    if isinstance(value, dict):
        return {
            name: round(one * 1000) if name in _TIMES else _with_milliseconds(one)
            for name, one in value.items()
        }
    return value
