"""What can be set for the endpoint: its instances, its image, what it captures, how it is updated."""

from __future__ import annotations

from typing import Literal

from stacks.settings.setting import Settings, group, setting


class ImageSettings(Settings):
    source: Literal["docker", "codebuild", "uri"] = setting(
        "docker",
        "Where the serving image comes from: built by Docker on the deploying machine, built by CodeBuild "
        "inside the account (no Docker needed), or an image that exists already",
    )
    uri: str | None = setting(None, "The image to use when source is `uri`: an address in Amazon ECR")
    base_digest: str | None = setting(
        None,
        "What the base image of a built image must be, such as the output `BaseImageDigest` of a stage that "
        "was tested; none takes what the tag in `serving/Dockerfile` names on the day of the build",
        pattern=r"^sha256:[0-9a-f]{64}$",
    )


class RolloutSettings(Settings):
    """How an endpoint update reaches production; it says nothing about the first deployment."""

    strategy: Literal["all_at_once", "canary", "linear"] = setting(
        "all_at_once", "Shift traffic to the new fleet in one step, in two (canary) or in equal ones (linear)"
    )
    canary_percent: int = setting(
        50, "Share of the fleet that takes the first step of a canary", "percent", ge=1, le=50
    )
    linear_percent: int = setting(
        25, "Share of the fleet that each step of a linear rollout takes", "percent", ge=10, le=50
    )
    bake_seconds: int = setting(
        300,
        "How long the alarms watch the new fleet after each step but the last",
        "seconds",
        ge=0,
        le=3600,
    )
    termination_wait_seconds: int = setting(
        300,
        "How long they watch after the last step (all_at_once has no other), the old fleet still standing by",
        "seconds",
        ge=0,
        le=3600,
    )
    timeout_seconds: int = setting(
        3600, "When an update that has not finished is rolled back", "seconds", ge=600, le=28800
    )
    max_server_errors: int = setting(
        0,
        "5xx answers of the new fleet in a minute above which an update rolls back",
        "errors a minute",
        ge=0,
    )
    max_latency_ms: int = setting(
        1000,
        "99th percentile of the new fleet's model latency above which an update rolls back",
        "milliseconds",
        ge=1,
    )


class EndpointSettings(Settings):
    instance_type: str = setting("ml.m5.large", "The endpoint's instance type")
    min_instances: int = setting(1, "Instances at rest", "instances", ge=1)
    max_instances: int = setting(
        1, "Instances under load; more than min_instances switches scaling on", "instances", ge=1
    )
    concurrent_requests_per_instance: int = setting(
        8, "Requests in flight that one instance should hold: what scaling aims at", "requests", ge=1
    )
    scale_out_cooldown_seconds: int = setting(60, "Pause after adding instances", "seconds", ge=0)
    scale_in_cooldown_seconds: int = setting(300, "Pause after removing instances", "seconds", ge=0)
    keep_scaled_capacity: bool = setting(
        False,
        "An update keeps the instance count that scaling has reached. SageMaker refuses this on the first "
        "deployment of an endpoint: set it once the endpoint exists",
    )
    capture_percentage: int = setting(
        100, "Share of the requests captured with their answers", "percent", ge=1, le=100
    )
    capture_input: bool = setting(
        True,
        "Capture the images too. Without them (for privacy) only answers are kept: no drift of brightness "
        "and the like, and no pictures on the page; all else works",
    )
    required_picture_share: float = setting(
        1.0,
        "How much of a damaged picture must be there for it to be classified, the rest being grey or black; "
        "1 takes whole pictures only",
        "share",
        ge=0,
        le=1,
    )
    image: ImageSettings = group(ImageSettings, "The serving image")
    rollout: RolloutSettings = group(RolloutSettings, "How an update is rolled out and back")
