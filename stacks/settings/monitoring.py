"""What can be set for monitoring: when the monitor runs, and from where on people are told.

Each limit's meaning holds the reason for its default.
"""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import Field

from stacks.settings.functions import MonitorFunctionSettings
from stacks.settings.setting import Settings, group, setting

RunbookUrl = Annotated[str, Field(pattern=r"^https?://[^\s#]{1,180}$")]


class ModelLimits(Settings):
    """What the analysis of captured data is judged by, on the page and by the model's alarms."""

    drift_psi: float = setting(
        0.25,
        "Population stability index from which on a measure has drifted: by custom below 0.1 is none, from "
        "0.25 on is a large change; less than what chance alone reaches never counts",
        ge=0.01,
        le=10,
    )
    min_inferences: int = setting(
        200,
        "Inferences below which nothing is judged: 200 tell the share of low confidence to 7 points of 100 "
        "or better, with fewer chance alone could cross its margin",
        "inferences",
        ge=1,
    )
    low_confidence_margin: float = setting(
        0.1,
        "How far the share of inferences below the threshold may be above the share on held-out pictures, as "
        "a share: people look at each of them, and a tenth more of all images is what they would notice; "
        "less than what chance alone reaches never counts",
        ge=0.01,
        le=1,
    )
    unfamiliar_margin: float = setting(
        0.1,
        "How far the share of unfamiliar pictures may be above that of held-out ones, three tenths, as a "
        "share: a tenth more is what a model notices of a change in a third of its pictures; less than what "
        "chance alone reaches never counts",
        ge=0.01,
        le=0.7,
    )
    failed_executions_percent: float = setting(
        50.0,
        "Share of executions that may end without success, in a period and on the page; a share besides the "
        "count of `notification.failed_executions`, for in a busy hour the images that the model is unsure "
        "of are many, and never half",
        "percent",
        ge=0,
        le=99,
    )
    min_executions: int = setting(
        5, "Executions below which their share of failures is not judged on the page", "executions", ge=1
    )


class AlarmLimits(Settings):
    """From where on the endpoint, the functions and the monitor itself are reported."""

    endpoint_errors: int = setting(
        10,
        "5xx answers of the endpoint in a period, from which on the alarm goes: one image that the server "
        "fails on gives six with its retries (`workflow.retry`), ten are more than one image",
        "errors",
        ge=1,
    )
    endpoint_latency_ms: int = setting(
        2000,
        "99th percentile of the model's latency above which the alarm goes: one image takes tens of "
        "milliseconds and a pack of 100 some hundreds, so that at two seconds requests wait for each other",
        "milliseconds",
        ge=1,
        le=60000,
    )
    function_errors: int = setting(
        1,
        "Errors of functions in a period, from which on the alarm goes: what a function expects to go wrong "
        "is no error here, so that each is a bug, a time-out or a broken deployment",
        "errors",
        ge=1,
    )
    function_throttles: int = setting(
        20,
        "Invocations of the workflow's functions that Lambda refused in a period, from which on the alarm "
        "goes: a few are retried and nobody notices, twenty make executions wait for minutes",
        "invocations",
        ge=1,
    )
    capture_delay_minutes: int = setting(
        30,
        "How long captured data may be on its way to S3 before its absence is reported: SageMaker collects "
        "it for some minutes and promises no time",
        "minutes",
        ge=1,
        le=240,
    )


class MonitoringSettings(Settings):
    schedule_minutes: int = setting(
        60, "Time between two runs of the monitor, and the period of its alarms", "minutes", ge=1, le=1440
    )
    window_hours: int = setting(
        24,
        "What the page and the model's alarms look back on: a day, so that day and night are both in it",
        "hours",
        ge=1,
        le=168,
    )
    image_every: int = setting(
        1,
        "Brightness and the like are measured on one of so many images: 1 means on each, 0 on none",
        "images",
        ge=0,
    )
    runbook_url: RunbookUrl | None = setting(
        None,
        "Where docs/operations.md is published, for the links in notifications, on the dashboard and on the "
        "page; none: the file as it was deployed, in the console, and the one that each page holds",
    )
    function: MonitorFunctionSettings = group(MonitorFunctionSettings, "The monitoring function")
    model: ModelLimits = group(ModelLimits, "Limits that the model is judged by")
    alarms: AlarmLimits = group(AlarmLimits, "Limits of the other alarms")

    @property
    def limits(self) -> str:
        """The model's limits as the analysis takes them: a JSON object."""
        return json.dumps({**self.model.model_dump(), "window_hours": self.window_hours})
