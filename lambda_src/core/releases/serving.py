"""What an endpoint serves, and how its last update ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

PAUSE_SECONDS = 5
UNSETTLED = ("Creating", "Updating", "SystemUpdating", "RollingBack")
"""Statuses of which another follows by itself."""


class RungAlarm(NamedTuple):
    """An alarm that rolls an update back, in ALARM; `reason` as CloudWatch words it."""

    name: str
    reason: str


class Serving(NamedTuple):
    """`config` and `model` by their names in SageMaker, `digest` of the artifact, "" where nobody says.

    `failure`: why the last update did not succeed, "" when it did. `alarms`: those of the last update that
    ring.
    """

    endpoint: str
    status: str
    config: str
    model: str
    digest: str
    failure: str
    changed: datetime
    alarms: Sequence[RungAlarm] = ()

    @property
    def settled(self) -> bool:
        """Whether no other status follows by itself."""
        return self.status not in UNSETTLED

    @property
    def why(self) -> str:
        """Why the last update did not succeed, with the alarms that ring."""
        said = self.failure or "SageMaker gives no reason"
        rung = [f"{alarm.name}: {alarm.reason}" for alarm in self.alarms]
        return "; ".join([said.rstrip("."), *rung])


def settled_serving(serving: Callable[[], Serving], may_wait: Callable[[], bool] = lambda: True) -> Serving:
    """What the endpoint serves once it has settled, or where it stands when there is no time to wait."""
    while not (found := serving()).settled and may_wait():
        time.sleep(PAUSE_SECONDS)
    return found


def rollback_alarms(endpoint: dict[str, Any]) -> list[str]:
    """Names of the alarms of the endpoint's last update, from DescribeEndpoint."""
    guardrails = (endpoint.get("LastDeploymentConfig") or {}).get("AutoRollbackConfiguration") or {}
    return [alarm["AlarmName"] for alarm in guardrails.get("Alarms", ())]


def problem_of(serving: Serving, deployed: str) -> str | None:
    """Why the endpoint does not serve the config that was `deployed`; None where it does."""
    if serving.config == deployed and serving.status == "InService":
        return None
    return (
        f"the release did not take place: the endpoint {serving.endpoint} is {serving.status} with "
        f"{serving.config}, not with {deployed} that was deployed. Why: {serving.why}"
    )
