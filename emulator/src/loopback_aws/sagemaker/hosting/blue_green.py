"""A blue/green update: a new fleet takes the traffic step by step, or gives it back if something is wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from loopback_aws.sagemaker.guardrails.course import Course, RollBack, Step, steps_of
from loopback_aws.sagemaker.guardrails.policy import Policy
from loopback_aws.sagemaker.guardrails.surroundings import Surroundings
from loopback_aws.sagemaker.hosting.deployment import Deployment
from loopback_aws.sagemaker.hosting.traffic import Traffic

Told = Callable[[str, dict[str, str]], None]
"""Takes a variant status (Creating, ActivatingTraffic, Baking) and its message for each variant."""


class RolledBack(Exception):
    """All traffic is on the old fleet again; the text says why."""


@dataclass(frozen=True, kw_only=True)
class BlueGreen:
    """The update of one endpoint by one policy; its clock runs from when it is made."""

    policy: Policy
    surroundings: Surroundings
    ended: threading.Event
    """Set when the local AWS stops."""
    tell: Told
    began: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "began", self.surroundings.now())

    def create(self, new: Deployment) -> None:
        """Start the new fleet, which takes no traffic yet; DeploymentFailed leaves nothing of it."""
        counts = new.plan["counts"]
        self.tell("Creating", {name: f"Launching {count} instance(s)." for name, count in counts.items()})
        new.start()

    def shift(self, traffic: Traffic, new: Deployment) -> None:
        """Move all traffic to the new fleet; RolledBack when an alarm rings or it takes too long."""
        plan = new.plan
        course = Course(
            steps_of(self.policy, plan["counts"], plan["weights"]),
            began=self.began,
            timeout_seconds=self.policy.timeout_seconds,
        )
        at_hand: Step | None = None
        while not self.ended.is_set():
            trouble = self.surroundings.trouble(self.policy.alarms)
            stands = course.look(self.surroundings.now(), trouble)
            if stands is None:
                return
            if isinstance(stands, RollBack):
                traffic.take_back()
                raise RolledBack(stands.reason)
            if stands is not at_hand:
                at_hand = stands
                self._take(traffic, new, stands)
            self.surroundings.pause(course.until, self.ended)
        traffic.take_back()
        raise RolledBack("the local AWS was stopped")

    def _take(self, traffic: Traffic, new: Deployment, step: Step) -> None:
        self.tell("ActivatingTraffic", {name: step.activating(name) for name in step.active})
        traffic.shift(new, step.share, step.active)
        if step.bake_seconds:
            self.tell("Baking", {name: step.baking(name) for name in step.active})
