"""Combinations of the endpoint's settings that cannot work."""

from __future__ import annotations

import math

from contracts.names import LOOPBACK_ACCOUNT
from stacks.settings.instance_types import has_local_disk, is_burstable, is_instance_type
from stacks.settings.stage import StageSettings


def instance_range(settings: StageSettings) -> str | None:
    least, most = settings.endpoint.min_instances, settings.endpoint.max_instances
    if least <= most:
        return None
    return f"endpoint.min_instances is {least}, more than endpoint.max_instances, {most}"


def stepwise_fleet(settings: StageSettings) -> str | None:
    endpoint = settings.endpoint
    strategy = endpoint.rollout.strategy
    if strategy == "all_at_once" or endpoint.min_instances > 1:
        return None
    return (
        f"endpoint.rollout.strategy is {strategy} with endpoint.min_instances 1: each step takes at most "
        "half of the fleet, so use at least 2 instances or all_at_once"
    )


def rollout_timeout(settings: StageSettings) -> str | None:
    rollout = settings.endpoint.rollout
    bake, wait = rollout.bake_seconds, rollout.termination_wait_seconds
    steps = {"all_at_once": 1, "canary": 2, "linear": math.ceil(100 / rollout.linear_percent)}[
        rollout.strategy
    ]
    waits, timeout = steps * bake + wait, rollout.timeout_seconds
    if timeout > waits:
        return None
    return (
        f"endpoint.rollout.timeout_seconds is {timeout}, not more than the {waits} seconds that an update "
        f"waits ({steps} times bake_seconds {bake} + termination_wait_seconds {wait})"
    )


def known_instance_type(settings: StageSettings) -> str | None:
    name = settings.endpoint.instance_type
    if is_instance_type(name):
        return None
    if "serverless" in name:
        return (
            "endpoint.instance_type is serverless: a serverless endpoint has no data capture, "
            "name an instance type such as ml.m5.large"
        )
    return f"endpoint.instance_type {name!r} is no SageMaker instance type such as ml.m5.large"


def burstable_scaling(settings: StageSettings) -> str | None:
    endpoint = settings.endpoint
    name = endpoint.instance_type
    if not is_burstable(name) or endpoint.max_instances <= endpoint.min_instances:
        return None
    return (
        f"endpoint.instance_type {name} does not scale: T-family instances need endpoint.max_instances "
        "equal to endpoint.min_instances"
    )


def volume_key(settings: StageSettings) -> str | None:
    name = settings.endpoint.instance_type
    if not settings.customer_managed_key or not has_local_disk(name):
        return None
    return (
        f"customer_managed_key with endpoint.instance_type {name}: its local disk takes no key, "
        "use a type without local disk such as ml.m5.large"
    )


def image_uri(settings: StageSettings) -> str | None:
    source, uri = settings.endpoint.image.source, settings.endpoint.image.uri
    if source == "uri" and not uri:
        return "endpoint.image.source is uri, but endpoint.image.uri is not given"
    if source != "uri" and uri:
        return f"endpoint.image.uri is given, but endpoint.image.source is {source}, not uri"
    return None


def base_of_a_named_image(settings: StageSettings) -> str | None:
    image = settings.endpoint.image
    if image.source != "uri" or image.base_digest is None:
        return None
    return (
        "endpoint.image.base_digest is given, but endpoint.image.source is uri: that image has been built, "
        "name it by its own digest in endpoint.image.uri"
    )


def image_registry(settings: StageSettings) -> str | None:
    uri = settings.endpoint.image.uri
    if not uri or ".dkr.ecr." in uri or settings.account == LOOPBACK_ACCOUNT:
        return None
    return f"endpoint.image.uri {uri!r} is not in Amazon ECR, the only registry that SageMaker pulls from"
