"""When a map run has failed: how many items without success are too many.

https://docs.aws.amazon.com/step-functions/latest/dg/maprun-fail-threshold.html
"""

from __future__ import annotations

from loopback_aws.states.flow.error_names import TOO_MANY_FAILED, TOO_MANY_FAILED_CAUSE
from loopback_aws.states.map_run.errors import MapRunError
from loopback_aws.states.map_run.spec import ToleranceSpec
from loopback_aws.states.records import Counts, MapRun


class ToleratedFailureExceeded(MapRunError):
    """More items failed or timed out than the state tolerates."""

    error = TOO_MANY_FAILED

    def __init__(self) -> None:
        super().__init__(TOO_MANY_FAILED_CAUSE)


def exceeded(map_run: MapRun) -> bool:
    """Whether the items that failed so far are too many of all that the run has.

    In the API 0 is also what a threshold is that nobody has set: it counts when the other one is 0, too.
    """
    tolerated = ToleranceSpec(
        count=map_run.tolerated_failure_count or None,
        percentage=map_run.tolerated_failure_percentage or None,
    )
    return tolerated.exceeded(unsuccessful(map_run.items), map_run.items.total)


def unsuccessful(counts: Counts) -> int:
    """Failed and timed out: what is held against the thresholds."""
    return counts.failed + counts.timedOut
