"""Step Functions: the log of executions in CloudWatch Logs, which the emulator does not write.

The emulator also drops LoggingConfiguration from templates; here it is kept and obeyed.
"""

from __future__ import annotations

import datetime
import json
import logging
import time
import uuid
from typing import Any

from ministack.services import cloudwatch_logs, stepfunctions
from ministack.services.cloudformation import provisioners

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS.AWS::StepFunctions::StateMachine",
    "ministack.services.cloudwatch_logs:_append_log_events",
    "ministack.services.cloudwatch_logs:_log_groups",
    "ministack.services.stepfunctions:_add_event",
    "ministack.services.stepfunctions:_state_machines",
)
LEVELS = {
    "ALL": ("",),
    "ERROR": ("Failed", "TimedOut", "Aborted"),
    "FATAL": ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"),
    "OFF": (),
}
"""Level -> the ends of the event types that it logs."""
DATA = ("input", "output", "parameters", "cause")
"""Members of an event that are left out when execution data is not to be logged."""
_log = logging.getLogger("local.execution_logs")


def apply() -> None:
    """Wrap the resource type and the place where events are recorded."""
    original = provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"]
    add = stepfunctions._add_event

    def create(logical_id: str, properties: dict[str, Any], *rest: Any) -> Any:
        created = original["create"](logical_id, properties, *rest)
        keep_configuration(created[0], properties)
        return created

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any) -> Any:
        updated = original["update"](physical_id, old, new, *rest)
        keep_configuration(updated[0], new)
        return updated

    def add_event(execution: dict[str, Any], *event: Any) -> Any:
        added = add(execution, *event)
        events = execution["events"]
        deliver(execution, events[:2] if len(events) == 2 else [added])  # the first is not added but born
        return added

    provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachine"] = original | {
        "create": create,
        "update": update,
    }
    stepfunctions._add_event = add_event


def keep_configuration(machine: str, properties: dict[str, Any]) -> None:
    """Store the template's LoggingConfiguration as CreateStateMachine would."""
    if configuration := properties.get("LoggingConfiguration"):
        stepfunctions._state_machines[machine]["loggingConfiguration"] = lower_names(configuration)


def lower_names(value: Any) -> Any:
    """Members under the names of the API (`level`) instead of the template's (`Level`)."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: lower_names(item) for name, item in value.items()}
    return [lower_names(item) for item in value] if isinstance(value, list) else value


def deliver(execution: dict[str, Any], events: list[dict[str, Any]]) -> None:
    """Write the events that the state machine's level asks for to each of its log groups."""
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
    configuration = machine.get("loggingConfiguration") or {}
    ends = LEVELS[configuration.get("level", "OFF")]
    with_data = str(configuration.get("includeExecutionData", "false")).lower() == "true"
    lines = [line(execution, event, with_data) for event in events if event["type"].endswith(ends)]
    if not lines:
        return
    for destination in configuration.get("destinations", []):
        group = destination["cloudWatchLogsLogGroup"]["logGroupArn"].split(":")[6]
        if group in cloudwatch_logs._log_groups:
            append(cloudwatch_logs._log_groups[group], stream_name(execution, machine), lines)
        else:
            _log.warning("%s logs to %s, which does not exist", machine["name"], group)


def line(execution: dict[str, Any], event: dict[str, Any], with_data: bool) -> str:
    """The event as Step Functions logs it."""
    details: dict[str, Any] = next(
        (value for name, value in event.items() if name.endswith("EventDetails")), {}
    )
    return json.dumps(
        {
            "id": str(event["id"]),
            "type": event["type"],
            "details": {name: item for name, item in details.items() if with_data or name not in DATA},
            "previous_event_id": str(event["id"] - 1),
            "event_timestamp": str(int(time.time() * 1000)),
            "execution_arn": execution["executionArn"],
        }
    )


def stream_name(execution: dict[str, Any], machine: dict[str, Any]) -> str:
    """A stream for each execution, named as on AWS: machine, minute of the start, a unique part."""
    started = datetime.datetime.fromisoformat(execution["startDate"])
    unique = uuid.uuid5(uuid.NAMESPACE_URL, execution["executionArn"]).hex[:8]
    return f"states/{machine['name']}/{started:%Y-%m-%d-%H-%M}/{unique}"


def append(group: dict[str, Any], name: str, lines: list[str]) -> None:
    """Add lines to a stream of a log group, which is made when it is not there."""
    now = int(time.time() * 1000)
    stream = group["streams"].setdefault(
        name,
        {
            "events": [],
            "uploadSequenceToken": "1",
            "creationTime": now,
            "firstEventTimestamp": None,
            "lastEventTimestamp": None,
            "lastIngestionTime": None,
        },
    )
    cloudwatch_logs._append_log_events(
        stream, [{"timestamp": now, "message": text, "ingestionTime": now} for text in lines]
    )
