"""Combinations of settings that cannot work, each field by itself being right.

A rule takes a reader of settings by dotted path and answers with the problem or None. A rule whose
fields are themselves wrong is left out (the reader raises `Unreadable`), so that one message can hold
the wrong fields and every impossible combination of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from stacks.settings.instance_types import has_local_disk, is_burstable, is_instance_type
from stacks.settings.stage import LOOPBACK_ACCOUNT

Read = Callable[[str], Any]
Rule = Callable[[Read], str | None]

STEPS = ("serialize_image", "classify_image", "filter_predictions")
EXPRESS_SECONDS = 300
"""When Step Functions ends an Express execution, such as each batch is."""


class Unreadable(LookupError):
    """The field is wrong by itself and already reported."""


def instance_range(read: Read) -> str | None:
    least, most = read("endpoint.min_instances"), read("endpoint.max_instances")
    if least <= most:
        return None
    return f"endpoint.min_instances is {least}, more than endpoint.max_instances, {most}"


def canary_fleet(read: Read) -> str | None:
    if read("endpoint.rollout.strategy") != "canary" or read("endpoint.min_instances") > 1:
        return None
    return (
        "endpoint.rollout.strategy is canary with endpoint.min_instances 1: a canary takes at most half of "
        "the fleet, so use at least 2 instances or all_at_once"
    )


def rollout_timeout(read: Read) -> str | None:
    steps = 2 if read("endpoint.rollout.strategy") == "canary" else 1
    bake, wait = read("endpoint.rollout.bake_seconds"), read("endpoint.rollout.termination_wait_seconds")
    waits, timeout = steps * bake + wait, read("endpoint.rollout.timeout_seconds")
    if timeout > waits:
        return None
    return (
        f"endpoint.rollout.timeout_seconds is {timeout}, not more than the {waits} seconds that an update "
        f"waits ({steps} times bake_seconds {bake} + termination_wait_seconds {wait})"
    )


def known_instance_type(read: Read) -> str | None:
    name = read("endpoint.instance_type")
    if is_instance_type(name):
        return None
    if "serverless" in name:
        return (
            "endpoint.instance_type is serverless: a serverless endpoint has no data capture, "
            "name an instance type such as ml.m5.large"
        )
    return f"endpoint.instance_type {name!r} is no SageMaker instance type such as ml.m5.large"


def burstable_scaling(read: Read) -> str | None:
    name = read("endpoint.instance_type")
    if not is_burstable(name) or read("endpoint.max_instances") <= read("endpoint.min_instances"):
        return None
    return (
        f"endpoint.instance_type {name} does not scale: T-family instances need endpoint.max_instances "
        "equal to endpoint.min_instances"
    )


def volume_key(read: Read) -> str | None:
    name = read("endpoint.instance_type")
    if not read("customer_managed_key") or not has_local_disk(name):
        return None
    return (
        f"customer_managed_key with endpoint.instance_type {name}: its local disk takes no key, "
        "use a type without local disk such as ml.m5.large"
    )


def image_uri(read: Read) -> str | None:
    source, uri = read("endpoint.image.source"), read("endpoint.image.uri")
    if source == "uri" and not uri:
        return "endpoint.image.source is uri, but endpoint.image.uri is not given"
    if source != "uri" and uri:
        return f"endpoint.image.uri is given, but endpoint.image.source is {source}, not uri"
    return None


def image_registry(read: Read) -> str | None:
    uri = read("endpoint.image.uri")
    if not uri or ".dkr.ecr." in uri or read("account") == LOOPBACK_ACCOUNT:
        return None
    return f"endpoint.image.uri {uri!r} is not in Amazon ECR, the only registry that SageMaker pulls from"


def execution_timeout(read: Read) -> str | None:
    total, timeout = _steps_seconds(read), read("workflow.timeout_seconds")
    if timeout > total:
        return None
    return (
        f"workflow.timeout_seconds is {timeout}, not more than the {total} seconds that its three functions "
        "may take together"
    )


def batch_capacity(read: Read) -> str | None:
    at_once, instances = read("workflow.batch.max_concurrency"), read("endpoint.max_instances")
    requests = read("endpoint.concurrent_requests_per_instance")
    capacity = instances * requests
    if at_once is None or at_once <= capacity:
        return None
    return (
        f"workflow.batch.max_concurrency is {at_once}, more than the {capacity} requests that the "
        f"endpoint is set to take at once (endpoint.max_instances {instances} times "
        f"endpoint.concurrent_requests_per_instance {requests})"
    )


def batch_reservation(read: Read) -> str | None:
    at_once = read("workflow.batch.max_concurrency")
    for name in STEPS:
        reserved = read(f"workflow.{name}.reserved_concurrency")
        if at_once is not None and reserved is not None and at_once > reserved:
            return (
                f"workflow.batch.max_concurrency is {at_once}, more than "
                f"workflow.{name}.reserved_concurrency, {reserved}: Lambda would refuse the others"
            )
    return None


def batch_seconds(read: Read) -> str | None:
    total = _steps_seconds(read)
    if total < EXPRESS_SECONDS:
        return None
    return (
        f"workflow: {', '.join(STEPS)} may take {total} seconds together (their timeout_seconds), and a "
        f"batch is ended after {EXPRESS_SECONDS}, as every Express execution is"
    )


def batch_timeout(read: Read) -> str | None:
    plan = read("workflow.batch.plan_batches.timeout_seconds")
    merge = read("workflow.batch.merge_results.timeout_seconds")
    least, timeout = plan + EXPRESS_SECONDS + merge, read("workflow.batch.timeout_seconds")
    if timeout > least:
        return None
    return (
        f"workflow.batch.timeout_seconds is {timeout}, not more than the {least} seconds that a single batch "
        f"may take (plan_batches {plan} + the batch {EXPRESS_SECONDS} + merge_results {merge})"
    )


def _steps_seconds(read: Read) -> int:
    return sum(read(f"workflow.{name}.timeout_seconds") for name in STEPS)


def reserved_tags(read: Read) -> str | None:
    reserved = [key for key in read("tags") if key.lower().startswith("aws:")]
    return f"tags: {', '.join(reserved)}: the prefix aws: belongs to AWS" if reserved else None


def retry_waits(read: Read) -> str | None:
    first, longest = read("workflow.retry.interval_seconds"), read("workflow.retry.max_delay_seconds")
    if first < longest:
        return None
    return (
        f"workflow.retry.interval_seconds is {first}, "
        f"not less than workflow.retry.max_delay_seconds, {longest}"
    )


def monitor_timeout(read: Read) -> str | None:
    timeout, minutes = read("monitoring.function.timeout_seconds"), read("monitoring.schedule_minutes")
    if timeout <= minutes * 60:
        return None
    return (
        f"monitoring.function.timeout_seconds is {timeout}, more than the {minutes * 60} seconds of "
        f"monitoring.schedule_minutes, {minutes}: a run would be in the next one's way"
    )


def monitor_window(read: Read) -> str | None:
    hours, minutes = read("monitoring.window_hours"), read("monitoring.schedule_minutes")
    if hours * 60 >= minutes:
        return None
    return (
        f"monitoring.window_hours is {hours}, less than the {minutes} minutes of "
        "monitoring.schedule_minutes: what lies between would be on no page"
    )


def captured_window(read: Read) -> str | None:
    days, hours = read("storage.captured_data_days"), read("monitoring.window_hours")
    if days * 24 >= hours:
        return None
    return (
        f"storage.captured_data_days is {days}, less than the {hours} hours of monitoring.window_hours: "
        "what the page looks back on would be gone"
    )


RULES: tuple[Rule, ...] = (
    instance_range,
    canary_fleet,
    rollout_timeout,
    known_instance_type,
    burstable_scaling,
    volume_key,
    image_uri,
    image_registry,
    execution_timeout,
    retry_waits,
    batch_capacity,
    batch_reservation,
    batch_seconds,
    batch_timeout,
    reserved_tags,
    monitor_timeout,
    monitor_window,
    captured_window,
)


def impossible_combinations(read: Read) -> Iterator[str]:
    """Every problem that `RULES` find among the fields that can be read."""
    for rule in RULES:
        try:
            problem = rule(read)
        except Unreadable:
            continue
        if problem:
            yield problem
