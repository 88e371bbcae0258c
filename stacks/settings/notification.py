"""What can be set for those who are told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stacks.settings.setting import Settings, setting

Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


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
