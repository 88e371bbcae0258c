"""What can be set for a stage: every field with its meaning, its unit and its default.

A stage is an entry of `"stages"` in cdk.json; `stacks.settings.reading` reads it. The objects are frozen,
refuse unknown keys and wrong types, and are the only way by which a setting reaches a construct.
`docs/settings.md` is generated from this file.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stacks.settings.functions import (
    ClassifyFunctionSettings,
    FunctionSettings,
    MergeFunctionSettings,
    PlanFunctionSettings,
)
from stacks.settings.monitoring import MonitoringSettings
from stacks.settings.setting import Settings, group, setting

LOOPBACK_ACCOUNT = "000000000000"
MAX_BATCHES_AT_ONCE = 10_000
"""What Step Functions runs at once of one Distributed Map, whatever it is asked for."""

LogDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
BucketName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
TagKey = Annotated[str, Field(pattern=r"^[\w .:/=+@-]{1,128}$")]


class StorageSettings(Settings):
    on_destroy: Literal["keep", "empty"] = setting(
        "keep", "What `cdk destroy` does with the data bucket: keep it, or empty and delete it"
    )
    captured_data_days: int = setting(90, "How long captured requests and answers are kept", "days", ge=1)
    results_days: int = setting(
        365, "How long the results of executions over many images are kept", "days", ge=1
    )
    packs_days: int = setting(
        1, "How long packed images are kept: each attempt at a batch packs its own anew", "days", ge=1
    )
    reports_days: int = setting(365, "How long the monitor's pages and numbers are kept", "days", ge=1)
    old_versions_days: int = setting(
        30, "How long overwritten or deleted objects can be brought back", "days", ge=1
    )
    access_logs: bool = setting(False, "Keep a second bucket with the access logs of the data bucket")
    access_log_days: int = setting(365, "How long access logs are kept", "days", ge=1)


class ImageSettings(Settings):
    source: Literal["docker", "codebuild", "uri"] = setting(
        "docker",
        "Where the serving image comes from: built by Docker on the deploying machine, built by CodeBuild "
        "inside the account (no Docker needed), or an image that exists already",
    )
    uri: str | None = setting(None, "The image to use when source is `uri`: an address in Amazon ECR")


class RolloutSettings(Settings):
    """How an endpoint update reaches production; it says nothing about the first deployment."""

    strategy: Literal["canary", "all_at_once"] = setting(
        "all_at_once", "Shift traffic to the new fleet in two steps (canary) or in one"
    )
    canary_percent: int = setting(
        50, "Share of the fleet that takes the first step of a canary", "percent", ge=1, le=50
    )
    bake_seconds: int = setting(
        300, "How long the alarms watch the new fleet after each step", "seconds", ge=0, le=3600
    )
    termination_wait_seconds: int = setting(
        120, "How long the old fleet stays up after the last step", "seconds", ge=0, le=3600
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
    image: ImageSettings = group(ImageSettings, "The serving image")
    rollout: RolloutSettings = group(RolloutSettings, "How an update is rolled out and back")


class RetrySettings(Settings):
    max_attempts: int = setting(5, "Retries after the first attempt", "attempts", ge=0, le=20)
    interval_seconds: int = setting(2, "Longest wait before the first retry", "seconds", ge=1)
    backoff_rate: float = setting(2.0, "What each further wait is multiplied by", ge=1, le=10)
    max_delay_seconds: int = setting(60, "Longest wait before any retry", "seconds", ge=2)


class BatchSettings(Settings):
    """What an execution over many images does where its input does not say otherwise."""

    size: int = setting(100, "Images in a batch, at most", "images", ge=1, le=1000)
    max_concurrency: int | None = setting(
        None,
        "Batches at once, at most; an input may ask for fewer. None means what the endpoint's instances are "
        "set to take, `endpoint.max_instances` times `endpoint.concurrent_requests_per_instance`, or what a "
        "function of the workflow has reserved if that is less",
        "batches",
        ge=1,
        le=MAX_BATCHES_AT_ONCE,
    )
    tolerated_failure_percentage: float = setting(
        10, "Share of the batches that may fail before the execution does", "percent", ge=0, le=100
    )
    timeout_seconds: int = setting(14400, "When an execution is ended", "seconds", ge=1)
    plan_batches: PlanFunctionSettings = group(
        PlanFunctionSettings, "The function that lists the images and plans the batches"
    )
    merge_results: MergeFunctionSettings = group(
        MergeFunctionSettings, "The function that merges what the batches answered"
    )


class WorkflowSettings(Settings):
    timeout_seconds: int = setting(900, "When an execution is ended", "seconds", ge=1)
    log_execution_data: bool = setting(
        True, "Write states' input and output to the log; with inline images these hold the image"
    )
    threshold: float | None = setting(
        None, "Least confidence of an answer; none means what the model recommends", ge=0, le=1
    )
    readable_buckets: tuple[BucketName, ...] = setting(
        (), "Buckets besides the data bucket whose images may be classified"
    )
    serialize_image: FunctionSettings = group(FunctionSettings, "The function that reads the image")
    classify_image: ClassifyFunctionSettings = group(
        ClassifyFunctionSettings, "The function that asks the endpoint"
    )
    filter_predictions: FunctionSettings = group(FunctionSettings, "The function that applies the threshold")
    retry: RetrySettings = group(RetrySettings, "Retries of errors that can pass by themselves")
    batch: BatchSettings = group(BatchSettings, "Executions over many images")


class NotificationSettings(Settings):
    emails: tuple[Email, ...] = setting((), "Who is told about failures; each confirms by a link")
    failed_executions: int = setting(
        5, "Executions that did not succeed in one period, from which on the alarm goes", "executions", ge=1
    )
    failed_batch_executions: int = setting(
        1,
        "The same for executions over many images: each of them is many images",
        "executions",
        ge=1,
    )
    period_minutes: int = setting(
        5,
        "Period of the alarms on executions, endpoint and functions: long enough that a retry can help, "
        "short enough that people hear of an outage soon",
        "minutes",
        ge=1,
        le=1440,
    )


class StageSettings(Settings):
    """All settings of one stage. `stage` is the entry's name and no setting of its own."""

    stage: str = Field(pattern=r"^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", exclude=True)
    account: str | None = setting(
        None, "The only account to deploy to; none means that of the credentials", pattern=r"^\d{12}$"
    )
    region: str | None = setting(
        None,
        "The only region to deploy to; none means that of the credentials",
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$",
    )
    termination_protection: bool = setting(False, "Refuse to delete the stacks until this is taken back")
    tags: dict[TagKey, str] = setting({}, "Tags on every stack and so on every resource in it")
    model_artifact: str = setting(
        "build/model/model.tar.gz",
        "The model to serve, as `make train` writes it; `-c model_artifact=PATH` wins",
    )
    customer_managed_key: bool = setting(
        False, "Encrypt bucket, captured data, volumes, logs and topic with a key of this project"
    )
    log_retention_days: LogDays = setting(30, "How long logs are kept", "days")
    storage: StorageSettings = group(StorageSettings, "The data bucket")
    endpoint: EndpointSettings = group(EndpointSettings, "The endpoint and its model")
    workflow: WorkflowSettings = group(WorkflowSettings, "The state machines and their functions")
    notification: NotificationSettings = group(NotificationSettings, "Failures and who hears of them")
    monitoring: MonitoringSettings = group(MonitoringSettings, "What is watched, and when people are told")

    def named(self, part: str) -> str:
        """The name of a resource of this stage, such as `scones-dev-failures`."""
        return f"scones-{self.stage}-{part}"

    @property
    def endpoint_name(self) -> str:
        """Constant for a stage: a changed name would replace the endpoint instead of updating it."""
        return f"scones-{self.stage}"

    def threshold(self, recommended: float) -> float:
        """The least confidence that counts: the stage's own, or what the model recommends."""
        return recommended if self.workflow.threshold is None else self.workflow.threshold

    @property
    def batch_concurrency(self) -> int:
        """Batches at once: what the stage says, or else all that endpoint and functions are set to take."""
        if self.workflow.batch.max_concurrency is not None:
            return self.workflow.batch.max_concurrency
        workflow, endpoint = self.workflow, self.endpoint
        steps = (workflow.serialize_image, workflow.classify_image, workflow.filter_predictions)
        reserved = [step.reserved_concurrency for step in steps if step.reserved_concurrency is not None]
        capacity = endpoint.max_instances * endpoint.concurrent_requests_per_instance
        return min(capacity, MAX_BATCHES_AT_ONCE, *reserved)
