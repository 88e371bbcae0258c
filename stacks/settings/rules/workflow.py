"""Combinations of the workflows' settings that cannot work."""

from __future__ import annotations

from stacks.settings.functions import FunctionSettings
from stacks.settings.stage import StageSettings
from stacks.settings.workflow import WorkflowSettings

EXPRESS_SECONDS = 300
"""When Step Functions ends an Express execution, such as each batch is."""


def execution_timeout(settings: StageSettings) -> str | None:
    total, timeout = _steps_seconds(settings.workflow), settings.workflow.timeout_seconds
    if timeout > total:
        return None
    return (
        f"workflow.timeout_seconds is {timeout}, not more than the {total} seconds that its three functions "
        "may take together"
    )


def retry_waits(settings: StageSettings) -> str | None:
    first, longest = settings.workflow.retry.interval_seconds, settings.workflow.retry.max_delay_seconds
    if first < longest:
        return None
    return (
        f"workflow.retry.interval_seconds is {first}, "
        f"not less than workflow.retry.max_delay_seconds, {longest}"
    )


def batch_capacity(settings: StageSettings) -> str | None:
    at_once, instances = settings.workflow.batch.max_concurrency, settings.endpoint.max_instances
    requests = settings.endpoint.concurrent_requests_per_instance
    capacity = instances * requests
    if at_once is None or at_once <= capacity:
        return None
    return (
        f"workflow.batch.max_concurrency is {at_once}, more than the {capacity} requests that the "
        f"endpoint is set to take at once (endpoint.max_instances {instances} times "
        f"endpoint.concurrent_requests_per_instance {requests})"
    )


def batch_reservation(settings: StageSettings) -> str | None:
    at_once = settings.workflow.batch.max_concurrency
    for name, step in _steps(settings.workflow).items():
        reserved = step.reserved_concurrency
        if at_once is not None and reserved is not None and at_once > reserved:
            return (
                f"workflow.batch.max_concurrency is {at_once}, more than "
                f"workflow.{name}.reserved_concurrency, {reserved}: Lambda would refuse the others"
            )
    return None


def batch_seconds(settings: StageSettings) -> str | None:
    total = _steps_seconds(settings.workflow)
    if total < EXPRESS_SECONDS:
        return None
    return (
        f"workflow: {', '.join(_steps(settings.workflow))} may take {total} seconds together (their "
        f"timeout_seconds), and a batch is ended after {EXPRESS_SECONDS}, as every Express execution is"
    )


def batch_timeout(settings: StageSettings) -> str | None:
    batch = settings.workflow.batch
    plan, merge = batch.plan_batches.timeout_seconds, batch.merge_results.timeout_seconds
    least, timeout = plan + EXPRESS_SECONDS + merge, batch.timeout_seconds
    if timeout > least:
        return None
    return (
        f"workflow.batch.timeout_seconds is {timeout}, not more than the {least} seconds that a single batch "
        f"may take (plan_batches {plan} + the batch {EXPRESS_SECONDS} + merge_results {merge})"
    )


def _steps(workflow: WorkflowSettings) -> dict[str, FunctionSettings]:
    """The functions that one image or one batch goes through, by the names of their settings."""
    return {
        "serialize_image": workflow.serialize_image,
        "classify_image": workflow.classify_image,
        "filter_predictions": workflow.filter_predictions,
    }


def _steps_seconds(workflow: WorkflowSettings) -> int:
    return sum(step.timeout_seconds for step in _steps(workflow).values())
