"""DeploymentConfig: how an update moves traffic, how long each step bakes, which alarms take it back.

Members and limits: docs.aws.amazon.com/sagemaker/latest/APIReference, pages API_DeploymentConfig,
API_BlueGreenUpdatePolicy, API_TrafficRoutingConfig, API_CapacitySize and API_AutoRollbackConfig. AWS's words
for what these limits refuse are not documented: the messages are this project's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loopback_aws.errors import ApiError

CANARY_PERCENT = (1, 50)
LINEAR_PERCENT = (10, 50)
"""Smallest and largest step, in percent of a variant's instances."""
LONGEST_SECONDS = 28_800
"""MaximumExecutionTimeoutInSeconds when it is not given: its largest value, as AWS documents no default."""
_SIZES = {"CANARY": ("CanarySize", CANARY_PERCENT), "LINEAR": ("LinearStepSize", LINEAR_PERCENT)}


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of a fleet a step takes."""

    type: str
    """INSTANCE_COUNT or CAPACITY_PERCENT."""
    value: int

    def instances(self, count: int) -> int:
        """Instances of `count`; of a percentage whole ones, rounded down, at least one."""
        return self.value if self.type == "INSTANCE_COUNT" else max(1, count * self.value // 100)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a DeploymentConfig asks for. The default is SageMaker's: all at once, watched by nothing."""

    type: str = "ALL_AT_ONCE"
    """ALL_AT_ONCE, CANARY or LINEAR."""
    size: Size | None = None
    """Of a step; None when all traffic moves at once."""
    wait_seconds: float = 0.0
    """How long each step but the last bakes."""
    termination_seconds: float = 0.0
    """How long the last step bakes, with the old fleet still there."""
    timeout_seconds: float = LONGEST_SECONDS
    alarms: tuple[str, ...] = ()
    """Names of those that take the update back."""

    def active(self, count: int) -> list[int]:
        """How many instances of a variant of `count` take traffic after each step; the last are all of them.

        Steps of a percentage that would make no further instance active are left out.
        """
        if self.size is None:
            return [count]
        if self.type == "CANARY":
            return [self.size.instances(count), count]
        if self.size.type == "INSTANCE_COUNT":
            return [*range(self.size.value, count, self.size.value), count]
        shares = range(self.size.value, 100, self.size.value)
        return list(dict.fromkeys([*(max(1, count * share // 100) for share in shares), count]))


def read_policy(config: Mapping[str, Any] | None, counts: Mapping[str, int]) -> Policy:
    """The policy of a DeploymentConfig for a new fleet of these instance counts by variant.

    The members' own ranges have been checked. ApiError says all that does not fit together.
    """
    update = (config or {}).get("BlueGreenUpdatePolicy") or {}
    routing = update.get("TrafficRoutingConfiguration") or {}
    kind = routing.get("Type", "ALL_AT_ONCE")
    given = routing.get(_SIZES[kind][0]) if kind in _SIZES else None
    policy = Policy(
        type=kind,
        size=Size(type=given["Type"], value=given["Value"]) if given else None,
        wait_seconds=routing.get("WaitIntervalInSeconds", 0),
        termination_seconds=update.get("TerminationWaitInSeconds", 0),
        timeout_seconds=update.get("MaximumExecutionTimeoutInSeconds", LONGEST_SECONDS),
        alarms=tuple(alarm.get("AlarmName", "") for alarm in _alarms(config)),
    )
    problems = [*_size_problems(policy, routing, counts), *_time_problems(policy, counts)]
    if not all(policy.alarms):
        problems.append("each of AutoRollbackConfiguration.Alarms has an AlarmName")
    if problems:
        raise ApiError("ValidationException", f"DeploymentConfig: {'; '.join(problems)}.")
    return policy


def _alarms(config: Mapping[str, Any] | None) -> list[dict[str, str]]:
    alarms: list[dict[str, str]] = ((config or {}).get("AutoRollbackConfiguration") or {}).get("Alarms") or []
    return alarms


def _size_problems(policy: Policy, routing: Mapping[str, Any], counts: Mapping[str, int]) -> Iterator[str]:
    for kind, (member, _) in _SIZES.items():
        if kind != policy.type and routing.get(member):
            yield f"{member} belongs to {kind}, not to {policy.type}"
    if policy.type not in _SIZES:
        return
    member, (least, most) = _SIZES[policy.type]
    if policy.size is None:
        yield f"{policy.type} needs {member}"
    elif policy.size.type == "CAPACITY_PERCENT" and not least <= policy.size.value <= most:
        yield f"{member} is {least} to {most} percent of the instances, not {policy.size.value}"
    else:
        for variant, count in counts.items():
            step = policy.size.instances(count)
            if step * 100 > most * count or (
                policy.size.type == "INSTANCE_COUNT" and step * 100 < least * count
            ):
                yield (
                    f"{member} makes {step} of the {count} instance(s) of variant {variant}, which is not "
                    f"{least} to {most} percent of them"
                )


def _time_problems(policy: Policy, counts: Mapping[str, int]) -> Iterator[str]:
    waits = max([len(policy.active(count)) - 1 for count in counts.values()] + [1])
    total = waits * policy.wait_seconds + policy.termination_seconds
    if policy.timeout_seconds <= total:
        yield (
            f"MaximumExecutionTimeoutInSeconds of {policy.timeout_seconds:g} is not longer than the "
            f"{total:g} seconds that WaitIntervalInSeconds and TerminationWaitInSeconds add up to"
        )
