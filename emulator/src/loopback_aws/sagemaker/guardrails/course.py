"""Where a deployment stands: the steps in which a new fleet takes the traffic, by the time and what is wrong.

A step turns traffic on for some instances of the new fleet, then bakes: WaitIntervalInSeconds between two
steps, TerminationWaitInSeconds after the last, with the old fleet still there
(docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green-canary.html, and -linear,
-all-at-once). Nothing here has a clock, a process or an alarm of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loopback_aws.sagemaker.guardrails.policy import Policy

_CAPACITY = {"CANARY": "canary capacity", "LINEAR": "linear step capacity"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A share of the traffic on the new fleet, and how long that is watched."""

    active: Mapping[str, int]
    """Instances of the new fleet that take traffic, by variant."""
    share: float
    """Of the endpoint's requests, from 0 to 1."""
    bake_seconds: float
    capacity: str
    """What AWS's messages call the active instances."""
    bakes_for: str
    """The member of the DeploymentConfig that says how long."""

    def activating(self, variant: str) -> str:
        """AWS's message while a variant takes its share."""
        return f"Activating traffic on {self.capacity} of {self.active[variant]} instance(s)."

    def baking(self, variant: str) -> str:
        """AWS's message while a variant bakes."""
        return (
            f"Baking for {self.bake_seconds:g} seconds ({self.bakes_for}) with traffic enabled on "
            f"{self.capacity} of {self.active[variant]} instance(s)."
        )


@dataclass(frozen=True)
class RollBack:
    """All traffic goes back to the old fleet."""

    reason: str


def steps_of(policy: Policy, counts: Mapping[str, int], weights: Mapping[str, float]) -> list[Step]:
    """The steps of an update to a fleet of these counts and weights. Traffic moves by capacity: as much of it
    as of the new fleet's instances are active."""
    ways = {name: policy.active(count) for name, count in counts.items()}
    number = max(map(len, ways.values()))
    steps = []
    for place in range(number):
        last = place == number - 1
        active = {name: way[min(place, len(way) - 1)] for name, way in ways.items()}
        steps.append(
            Step(
                active=active,
                share=_share(active, counts, weights),
                bake_seconds=policy.termination_seconds if last else policy.wait_seconds,
                capacity="full capacity" if last else _CAPACITY[policy.type],
                bakes_for="TerminationWaitInSeconds" if last else "WaitIntervalInSeconds",
            )
        )
    return steps


def _share(active: Mapping[str, int], counts: Mapping[str, int], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    if not total:
        return sum(active.values()) / sum(counts.values())
    return sum(weights[name] * active[name] / counts[name] for name in counts) / total


class Course:
    """The way of one deployment through its steps."""

    def __init__(self, steps: Sequence[Step], *, began: float, timeout_seconds: float) -> None:
        """`began` is when the deployment did, by the clock of the later looks."""
        self._steps = steps
        self._ends = began + timeout_seconds
        self._timeout_seconds = timeout_seconds
        self._place = -1
        self.until = began
        """When the step at hand has baked."""

    def look(self, now: float, trouble: str | None) -> Step | RollBack | None:
        """The step that stands from `now` on; None when the last one has baked.

        `trouble` says why the new fleet may not go on, if it may not. At most one step is passed a look, so
        that each is looked at when it has baked.
        """
        if trouble:
            return RollBack(trouble)
        if now > self._ends:
            return RollBack(
                f"the deployment took longer than the {self._timeout_seconds:g} seconds of "
                "MaximumExecutionTimeoutInSeconds"
            )
        if now >= self.until:
            self._place += 1
            if self._place < len(self._steps):
                self.until = now + self._steps[self._place].bake_seconds
        return self._steps[self._place] if self._place < len(self._steps) else None
