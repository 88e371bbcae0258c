"""Minimum and maximum instance counts, held against what runs."""

from __future__ import annotations

import time

from loopback_aws.autoscaling.registry import Registry, endpoint_and_variant, resource_id
from loopback_aws.errors import ApiError
from loopback_aws.sagemaker.service import SageMaker

SETTLE_SECONDS = 1800.0
"""Longest time for an endpoint to settle, in seconds."""


class Bounds:
    """What endpoints ask about their scalable variants (`Scaling` of `sagemaker.hosting.rollouts`)."""

    def __init__(self, registry: Registry, sagemaker: SageMaker) -> None:
        self._registry = registry
        self._sagemaker = sagemaker

    def is_target(self, endpoint: str, variant: str) -> bool:
        """Whether the variant is registered as a scalable target."""
        return resource_id(endpoint, variant) in self._registry.targets

    def within_bounds(self, endpoint: str, counts: dict[str, int]) -> dict[str, int]:
        """Instance counts by variant, moved inside the bounds of those that are targets."""
        moved = dict(counts)
        with self._registry.lock:
            for variant, count in counts.items():
                if target := self._registry.targets.get(resource_id(endpoint, variant)):
                    moved[variant] = max(target["MinCapacity"], min(count, target["MaxCapacity"]))
                    if moved[variant] != count:
                        self._registry.note_move(target, count, moved[variant])
        return moved

    def deregister(self, endpoint: str, variants: set[str] | None = None) -> None:
        """Forget the targets of a deleted endpoint, or of variants that an update took away."""
        with self._registry.lock:
            for resource in list(self._registry.targets):
                name, variant = endpoint_and_variant(resource)
                if name == endpoint and (variants is None or variant in variants):
                    self._registry.forget(resource)
            self._registry.save()

    def apply(self, endpoint: str) -> None:
        """Bring the endpoint's variants inside their bounds; returns when that is done.

        ApiError with the reason when an instance does not come up, TimeoutError when the endpoint does not
        settle.
        """
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < end:
            record = self._sagemaker.rollouts.wait_until_settled(endpoint, SETTLE_SECONDS)
            counts = record["_plan"]["counts"]
            wanted = self.within_bounds(endpoint, counts)
            if record["EndpointStatus"] == "Failed" or wanted == counts:
                return
            self._scale(endpoint, wanted)

    def _scale(self, endpoint: str, counts: dict[str, int]) -> None:
        desired = [{"VariantName": name, "DesiredInstanceCount": count} for name, count in counts.items()]
        request = {"EndpointName": endpoint, "DesiredWeightsAndCapacities": desired}
        try:
            self._sagemaker.call("UpdateEndpointWeightsAndCapacities", request)
        except ApiError as error:
            if "in-progress" not in error.message:
                raise
            return  # somebody else's update came first: the caller looks again after it
        record = self._sagemaker.rollouts.wait_until_settled(endpoint, SETTLE_SECONDS)
        if reason := record.get("FailureReason"):
            raise ApiError("FailedResourceAccessException", f"Endpoint {endpoint} was not scaled: {reason}")
