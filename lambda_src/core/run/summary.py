"""What a run comes to: counts, shares, quantiles, time and money."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lambda_src.core.batch.rows import ACCEPTED, ERROR, LOW_CONFIDENCE
from lambda_src.core.classes import ModelClasses
from lambda_src.core.run import prices
from lambda_src.core.run.map_results import BatchResult
from lambda_src.core.run.records import Planned
from lambda_src.core.run.tally import Tally

RUN_STATES = 4
"""States that a run enters once: plan, map, merge, message."""
RUN_FUNCTIONS = 2
BATCH_FUNCTIONS = 3
RUN_FILES = 10
"""Objects that a run writes besides packs: plan, rejected lines, the map's results, and what they become."""
LISTED_AT_ONCE = 1000
_LONGEST_LIST = 10


class Work:
    """Counts what batches cost to run, as their results tell it."""

    def __init__(self, function_memory_mb: int) -> None:
        self._memory_mb = function_memory_mb
        self._batch = prices.Usage()
        self._seconds = 0.0

    def add(self, result: BatchResult) -> None:
        """One child of the map run; one that never started costs nothing.

        A child's functions run one after the other, so its own time is the most that they took together.
        """
        if not result.seconds:
            return
        self._seconds += result.seconds
        self._batch = self._batch.plus(
            prices.Usage(
                standard_transitions=1,
                express_requests=1,
                express_gb_seconds=prices.express_gb_seconds(result.seconds),
                lambda_requests=BATCH_FUNCTIONS,
                lambda_gb_seconds=prices.lambda_gb_seconds(result.seconds, self._memory_mb),
                s3_gets=1,
                s3_puts_and_lists=1,
            )
        )

    def usage(self, planned: Planned) -> prices.Usage:
        """All of a run without the endpoint's hours; retries and further packs of a batch are not in it."""
        lists = planned.listed / LISTED_AT_ONCE if planned.input.get("form") == "s3_prefix" else 0
        return self._batch.plus(
            prices.Usage(
                standard_transitions=RUN_STATES,
                lambda_requests=RUN_FUNCTIONS,
                s3_gets=planned.listed - planned.rejected + RUN_FILES,
                s3_puts_and_lists=RUN_FILES + math.ceil(lists),
                notifications=1,
            )
        )


def summarize(
    execution_name: str,
    planned: Planned,
    tally: Tally,
    work: Work,
    *,
    classes: ModelClasses,
    default_threshold: float,
    deployed_model: str,
    ended: datetime,
) -> dict[str, Any]:
    """The content of summary.json.

    Shares and quantiles are of the classified images, accepted or not; a class of the model that no image has
    is there with 0; one that has a name for people says it. `model` is the one that answered most,
    `deployed_model` when none did.
    """
    counts = dict.fromkeys(classes.labels, 0) | dict(tally.classes.most_common())
    models = [name for name, _ in tally.models.most_common()]
    return {
        "execution": execution_name,
        "replay_of": planned.replay_of,
        "only": planned.only,
        "input": planned.input,
        "listed": planned.listed,
        "accepted": tally.outcomes[ACCEPTED],
        "low_confidence": tally.outcomes[LOW_CONFIDENCE],
        "errors": tally.outcomes[ERROR],
        "rejected": planned.rejected,
        "batches": planned.batches,
        "errors_by_name": dict(tally.errors.most_common()),
        "classes": {
            label: _share(count, tally.classified) | _named(label, classes) for label, count in counts.items()
        },
        "confidence": tally.quantiles(),
        "started": planned.started,
        "duration_seconds": _seconds_between(planned.started, ended),
        "model": models[0] if models else deployed_model,
        "models": dict(tally.models),
        "threshold": default_threshold if planned.threshold is None else planned.threshold,
        "cost": prices.described(prices.cost(work.usage(planned))),
    }


def short_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """A summary as a state's output and a message hold it: the largest of what can be many, a cost's sum."""
    return {
        **{name: value for name, value in summary.items() if name != "models"},
        "errors_by_name": _largest(summary["errors_by_name"], lambda count: count),
        "classes": _largest(summary["classes"], lambda share: share["count"]),
        "cost": {name: value for name, value in summary["cost"].items() if name != "items"},
    }


def _largest(named: Mapping[str, Any], size: Any) -> dict[str, Any]:
    """The ten largest of `named`, in their order there."""
    kept = sorted(named, key=lambda name: size(named[name]), reverse=True)[:_LONGEST_LIST]
    return {name: value for name, value in named.items() if name in kept}


def _named(label: str, classes: ModelClasses) -> dict[str, str]:
    return {"name": classes.names[label]} if label in classes.names else {}


def _share(count: int, total: int) -> dict[str, float]:
    return {"count": count, "share": round(count / total, 6) if total else 0.0}


def _seconds_between(started: str, ended: datetime) -> float:
    return round(max((ended - datetime.fromisoformat(started)).total_seconds(), 0.0), 3)
