"""What deployments see of the local AWS around them: its alarms, its event bus, and how fast time passes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

LOOK_SECONDS = 0.2
"""How often a fleet that bakes is looked at, by this machine's clock."""


def _no_alarms(names: Sequence[str]) -> dict[str, tuple[str, str] | None]:
    return dict.fromkeys(names)


def _nobody(_detail_type: str, _arn: str, _detail: dict[str, Any]) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The defaults are those of a SageMaker that stands alone."""

    alarm_states: Callable[[Sequence[str]], dict[str, tuple[str, str] | None]] = _no_alarms
    """Name -> state and its reason, as of now; None for an alarm that is not there."""
    publish: Callable[[str, str, dict[str, Any]], None] = _nobody
    """Takes the type of an event, the ARN that it is about and its detail."""
    speed: float = 1.0
    """How many times as fast the waits of deployments pass."""
    clock: Callable[[], float] = time.monotonic
    """This machine's seconds."""

    def now(self) -> float:
        """Seconds of deployments' time."""
        return self.clock() * self.speed

    def pause(self, until: float, ended: threading.Event) -> None:
        """Wait until a moment of `now`, but no longer than until the next look is due, or `ended` is set."""
        ended.wait(max(0.0, min((until - self.now()) / self.speed, LOOK_SECONDS)))

    def trouble(self, names: Sequence[str]) -> str | None:
        """What is wrong by these alarms; None when nothing is."""
        found = []
        for name, state in self.alarm_states(names).items() if names else ():
            if state is None:
                found.append(f'the CloudWatch alarm "{name}" does not exist')
            elif state[0] == "ALARM":
                found.append(f'the CloudWatch alarm "{name}" is in ALARM ({state[1]})')
        return "; ".join(found) or None


ALONE = Surroundings()
"""Of a SageMaker without alarms and without listeners."""
