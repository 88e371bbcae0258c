"""What can be set for the workflows that classify images, one by one or many at once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stacks.settings.functions import (
    ClassifyFunctionSettings,
    FunctionSettings,
    InboxFunctionSettings,
    MergeFunctionSettings,
    PlanFunctionSettings,
)
from stacks.settings.setting import Settings, group, setting

MAX_BATCHES_AT_ONCE = 10_000
"""What Step Functions runs at once of one Distributed Map, whatever it is asked for."""

BucketName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]


Suffix = Annotated[str, Field(min_length=1, max_length=12, pattern=r"^[^/\x00-\x1f]+$")]


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


class InboxSettings(Settings):
    """What happens by itself with an image that is put into the data bucket."""

    mode: Literal["off", "single", "gather"] = setting(
        "off",
        "What a new object starts: nothing, an execution of its own (`single`), or one execution over all "
        "that have come in a while (`gather`)",
    )
    prefix: str = setting(
        "inbox/",
        "What the keys of such objects begin with; not where the application itself writes",
        max_length=128,
    )
    suffixes: tuple[Suffix, ...] = setting(
        (".png", ".jpg", ".jpeg", ".webp"),
        "What they end with, in lower or in upper case; none means every object below the prefix",
        max_length=5,
    )
    seconds: int = setting(
        60, "How long `gather` waits for more, whole minutes", "seconds", ge=60, le=3600, multiple_of=60
    )
    function: InboxFunctionSettings = group(
        InboxFunctionSettings, "The function that hands new objects to the workflows"
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
    inbox: InboxSettings = group(InboxSettings, "Images that are classified when they are uploaded")
