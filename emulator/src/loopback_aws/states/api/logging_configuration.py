"""What a state machine may say about its log (API reference, LoggingConfiguration)."""

from __future__ import annotations

import contextvars
from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import cloudwatch_logs

from loopback_aws.errors import ApiError

LEVELS = ("ALL", "ERROR", "FATAL", "OFF")
ONE = "Must specify exactly one Log Destination."


def complete(configuration: dict[str, Any] | None) -> dict[str, Any]:
    """The configuration with its defaults, as DescribeStateMachine gives it.

    Raises ApiError `InvalidLoggingConfiguration`.
    """
    given = configuration or {}
    level = given.get("level", "OFF")
    destinations = given.get("destinations") or []
    if level not in LEVELS:
        raise _invalid(f"Log level must be one of {', '.join(LEVELS)}.")
    if len(destinations) > 1 or (level != "OFF" and not destinations):
        raise _invalid(ONE)
    for destination in destinations:
        _check_group((destination.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn") or "")
    with_data = str(given.get("includeExecutionData", False)).lower() == "true"
    chosen = {"destinations": destinations} if destinations else {}
    return {"level": level, "includeExecutionData": with_data, **chosen}


def of_template(properties: dict[str, Any]) -> dict[str, Any]:
    """The completed LoggingConfiguration of a template's state machine, under the API's names."""
    return complete(lower_names(properties.get("LoggingConfiguration")))


def lower_names(value: Any) -> Any:
    """Members under the names of the API (`level`) instead of the template's (`Level`)."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: lower_names(item) for name, item in value.items()}
    return [lower_names(item) for item in value] if isinstance(value, list) else value


def _check_group(arn: str) -> None:
    parts = arn.split(":")
    if len(parts) < 7 or parts[2] != "logs" or parts[5] != "log-group":
        raise _invalid("Log Destination is not the ARN of a log group.")
    if parts[-1] != "*":
        raise _invalid("Log Group ARN must be provided with '*' qualifier.")
    if not contextvars.copy_context().run(_exists, parts):
        raise _invalid(f"Log Destination {arn} does not exist.")


def _exists(group: list[str]) -> bool:
    set_request_region(group[3])
    set_request_account_id(group[4])
    return group[6] in cloudwatch_logs._log_groups


def _invalid(problem: str) -> ApiError:
    return ApiError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {problem}")
