"""What an execution sees of itself, and moto's environment built from it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import AWSExecutionDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext

from loopback_aws.states.flow.activity_queues import activities
from loopback_aws.states.flow.task_tokens import Pool
from loopback_aws.states.history.recorder import Recorder
from loopback_aws.states.records import Execution
from loopback_aws.states.runs.redrive import Resume


def environment_of(execution: Execution, recorder: Recorder, resume: Resume | None = None) -> Environment:
    """A fresh environment; `Execution.Input` is parsed from the execution's text."""
    machine = execution.machine
    region, account = machine.arn.split(":")[3:5]
    environment = Environment(
        aws_execution_details=AWSExecutionDetails(account=account, region=region, role_arn=machine.role),
        execution_type=machine.type,
        context=context_object(execution),
        event_history_context=EventHistoryContext(previous_event_id=resume.last_event if resume else 0),
        cloud_watch_logging_session=None,
        activity_store=activities,
    )
    environment.event_manager = recorder
    environment.callback_pool_manager = Pool()
    if resume and resume.point:
        environment.resumption = resume.point
    return environment


def context_object(execution: Execution) -> dict[str, Any]:
    """The context object (docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html)."""
    described = {
        "Id": execution.arn,
        "Input": json.loads(execution.input),
        "Name": execution.name,
        "RoleArn": execution.machine.role,
        "StartTime": moment(execution.start),
        "RedriveCount": execution.redrives,
    }
    if execution.redriven:
        described["RedriveTime"] = moment(execution.redriven)
    return {
        "Execution": described,
        "StateMachine": {"Id": execution.machine.arn, "Name": execution.machine.name},
    }


def moment(time: datetime) -> str:
    """A time as the context object has it: ISO 8601 in UTC with milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
