"""How far a run over many images is: the execution's status, and the counts of its map run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from operations.aws.state_machines import RUNNING

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 1.0
PLANNING, CLASSIFYING, MERGING = "planning", "classifying", "merging"


class BatchCounts(NamedTuple):
    """Batches by what has become of them; `failed` holds those that ran out of time or were aborted too."""

    total: int
    pending: int
    running: int
    succeeded: int
    failed: int

    @property
    def done(self) -> int:
        return self.succeeded + self.failed


class RunState(NamedTuple):
    """Now: `counts` is None before the map run has begun."""

    status: str
    phase: str
    counts: BatchCounts | None

    def __str__(self) -> str:
        if self.ended:
            now = self.status.lower().replace("_", " ")
        else:
            now = {PLANNING: "listing the images", MERGING: "merging the results"}.get(self.phase, "")
        if self.counts is None:
            return now
        counts = self.counts
        failed = f", {counts.failed:,} failed" if counts.failed else ""
        running = f", {counts.running:,} running" if counts.running else ""
        done = f"{counts.done:,} of {counts.total:,} batches{running}{failed}"
        return f"{done}; {now}" if now else done

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.status not in RUNNING


def read_counts(map_run: Any) -> BatchCounts:
    """From what DescribeMapRun answers. An item of the map is a batch of images."""
    items = map_run["itemCounts"]
    return BatchCounts(
        total=items["total"],
        pending=items["pending"],
        running=items["running"],
        succeeded=items["succeeded"],
        failed=items["failed"] + items["timedOut"] + items["aborted"],
    )


class RunWatch:
    """Looks at one execution again and again; `description` is what DescribeExecution said last."""

    def __init__(self, stepfunctions: SFNClient, arn: str) -> None:
        self._stepfunctions = stepfunctions
        self._arn = arn
        self._map_run: str | None = None
        self.description: Any = None

    def look(self) -> RunState:
        """The state now."""
        self.description = self._stepfunctions.describe_execution(executionArn=self._arn)
        status = self.description["status"]
        map_run = self._find_map_run()
        if map_run is None:
            return RunState(status, PLANNING, None)
        described = self._stepfunctions.describe_map_run(mapRunArn=map_run)
        phase = CLASSIFYING if described["status"] == "RUNNING" else MERGING
        return RunState(status, phase, read_counts(described))

    def wait(self, report: Callable[[RunState], None]) -> RunState:
        """Look, and report, until the execution has ended; at first often, for small runs end soon."""
        pause = FIRST_PAUSE
        while True:
            state = self.look()
            report(state)
            if state.ended:
                return state
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _find_map_run(self) -> str | None:
        """The machine has one map; a redrive goes on with the same map run."""
        if self._map_run is None:
            runs = self._stepfunctions.list_map_runs(executionArn=self._arn)["mapRuns"]
            self._map_run = runs[0]["mapRunArn"] if runs else None
        return self._map_run
