"""What can be set for each function."""

from __future__ import annotations

from stacks.settings.setting import Settings, setting


class FunctionSettings(Settings):
    memory_mb: int = setting(256, "Memory; processor share grows with it", "megabytes", ge=128, le=10240)
    timeout_seconds: int = setting(30, "When an invocation is ended", "seconds", ge=1, le=900)
    reserved_concurrency: int | None = setting(
        None, "Invocations at once, reserved and capped; none means the account's pool", "invocations", ge=1
    )


class ClassifyFunctionSettings(FunctionSettings):
    timeout_seconds: int = setting(
        75, "When an invocation is ended; an endpoint may take 60 seconds to answer", "seconds", ge=1, le=900
    )


class PlanFunctionSettings(FunctionSettings):
    timeout_seconds: int = setting(
        300, "When an invocation is ended; it lists a page of 1,000 images at a time", "seconds", ge=1, le=900
    )


class MergeFunctionSettings(FunctionSettings):
    memory_mb: int = setting(512, "Memory; processor share grows with it", "megabytes", ge=128, le=10240)
    timeout_seconds: int = setting(
        900, "When an invocation is ended; it reads the results of all images", "seconds", ge=1, le=900
    )


class InboxFunctionSettings(FunctionSettings):
    timeout_seconds: int = setting(
        60,
        "When an invocation is ended; what it has not handed on the next one does",
        "seconds",
        ge=30,
        le=900,
    )


class MonitorFunctionSettings(FunctionSettings):
    memory_mb: int = setting(
        1769, "Memory; this much comes with one whole processor", "megabytes", ge=128, le=10240
    )
    timeout_seconds: int = setting(
        900,
        "When an invocation is ended; what it has not read by then the next one reads",
        "seconds",
        ge=1,
        le=900,
    )
    reserved_concurrency: int | None = setting(
        1,
        "Invocations at once. More than one would do the same work twice; none is for an account whose quota "
        "leaves nothing to reserve",
        "invocations",
        ge=1,
        le=1,
    )
