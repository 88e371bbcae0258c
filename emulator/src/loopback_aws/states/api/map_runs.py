"""The operations on map runs: list, describe, and change the limits of one that runs."""

from __future__ import annotations

import dataclasses
from typing import Any

from loopback_aws.errors import ApiError
from loopback_aws.states import arns
from loopback_aws.states.api import pages
from loopback_aws.states.api.answers import known, seconds
from loopback_aws.states.api.executions import existing_execution
from loopback_aws.states.api.requests import required
from loopback_aws.states.history.store import Store
from loopback_aws.states.records import MapRun
from loopback_aws.states.runs.interpreter import Interpreter
from loopback_aws.states.runs.run import LiveMapRun


class MapRuns:
    """Map runs of the executions that are kept."""

    def __init__(self, store: Store, interpreter: Interpreter) -> None:
        self._store = store
        self._interpreter = interpreter

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListMapRuns of an execution. ApiError InvalidArn, ExecutionDoesNotExist, InvalidToken."""
        size, after = pages.size_of(request), pages.place_of(request)
        execution = existing_execution(self._store, required(request, "executionArn"))
        runs = self._store.map_runs(execution.arn)
        first = next((place + 1 for place, run in enumerate(runs) if run.arn == after), 0)
        page = runs[first : first + size]
        answer: dict[str, Any] = {"mapRuns": [_item(run) for run in page]}
        if first + size < len(runs):
            answer["nextToken"] = pages.token_for(request, page[-1].arn)
        return answer

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeMapRun. ApiError InvalidArn, ResourceNotFound."""
        kept = self._kept(request)
        live = self._live(kept)
        return described(live.map_run if live else kept)

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateMapRun. ApiError InvalidArn, ResourceNotFound; ValidationException for limits out of their
        range, and for a map run that has ended."""
        _check(request)
        kept = self._kept(request)
        live = self._live(kept)
        if live is None:
            raise ApiError("ValidationException", f"Map Run is {kept.status} and cannot be updated")
        live.update(
            concurrency=request.get("maxConcurrency"),
            count=request.get("toleratedFailureCount"),
            percentage=request.get("toleratedFailurePercentage"),
        )
        return {}

    def _kept(self, request: dict[str, Any]) -> MapRun:
        arn = arns.parsed(required(request, "mapRunArn"), "mapRun").text
        kept = self._store.map_run(arn)
        if kept is None:
            raise ApiError("ResourceNotFound", f"Map Run Does Not Exist: '{arn}'")
        return kept

    def _live(self, kept: MapRun) -> LiveMapRun | None:
        run = self._interpreter.running(kept.execution)
        live = run.map_runs.get(kept.arn) if run else None
        return live if live and live.map_run.status == "RUNNING" else None


def described(run: MapRun) -> dict[str, Any]:
    """A map run as DescribeMapRun tells it."""
    answer: dict[str, Any] = {
        "mapRunArn": run.arn,
        "executionArn": run.execution,
        "status": run.status,
        "startDate": seconds(run.start),
        "stopDate": seconds(run.stop),
        "maxConcurrency": run.max_concurrency,
        "toleratedFailurePercentage": run.tolerated_failure_percentage,
        "toleratedFailureCount": run.tolerated_failure_count,
        "itemCounts": dataclasses.asdict(run.items),
        "executionCounts": dataclasses.asdict(run.children),
        "redriveCount": run.redrives,
        "redriveDate": seconds(run.redriven),
    }
    return known(answer)


def _item(run: MapRun) -> dict[str, Any]:
    """A map run as ListMapRuns tells it."""
    item = {
        "executionArn": run.execution,
        "mapRunArn": run.arn,
        "stateMachineArn": run.machine,
        "startDate": seconds(run.start),
    }
    return known(item | {"stopDate": seconds(run.stop)})


def _check(request: dict[str, Any]) -> None:
    bounds = {"maxConcurrency": None, "toleratedFailureCount": None, "toleratedFailurePercentage": 100}
    for member, most in bounds.items():
        value = request.get(member)
        if value is not None and (value < 0 or (most is not None and value > most)):
            bound = "greater than or equal to 0" if value < 0 else f"less than or equal to {most}"
            raise ApiError(
                "ValidationException",
                f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
                f"Member must have value {bound}",
            )
