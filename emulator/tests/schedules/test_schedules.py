"""EventBridge Scheduler on a running local AWS: what schedules start, and that a restart loses none."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.running import functions
from tests.running.emulator import Emulator
from tests.running.waiting import until
from tests.stacks.test_resources import deploy, reasons, settled

ROLE = "arn:aws:iam::000000000000:role/test"
TELLING = "import json\ndef handler(event, context):\n    print('given', json.dumps(event))\n"


def given(aws: Emulator, function: str) -> list[Any]:
    """What the function was called with, the first call first."""
    logs, group = aws.client("logs"), f"/aws/lambda/{function}"
    try:
        events = logs.filter_log_events(logGroupName=group, filterPattern='"given"')["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [json.loads(event["message"].partition(" ")[2]) for event in events]


def target(aws: Emulator, function: str, **more: Any) -> dict[str, Any]:
    arn = aws.client("lambda").get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    return {"Arn": arn, "RoleArn": ROLE, **more}


def create(aws: Emulator, expression: str, function: str, **more: Any) -> str:
    name = f"test-{uuid.uuid4().hex[:8]}"
    aws.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target(aws, function, **more.pop("Target", {})),
        **more,
    )
    return name


def test_a_schedule_of_a_template_starts_its_function_with_its_input(aws: Emulator) -> None:
    function, group = functions.create(aws, TELLING), f"test-{uuid.uuid4().hex[:8]}"
    schedule = {
        "Type": "AWS::Scheduler::Schedule",
        "DependsOn": "Group",
        "Properties": {
            "GroupName": group,
            "ScheduleExpression": "rate(1 hour)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": target(aws, function, Input='{"by": "<aws.scheduler.schedule-arn>"}'),
        },
    }
    resources = {
        "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": group}},
        "Schedule": schedule,
    }
    stack, status = deploy(aws, **resources)
    assert status == "CREATE_COMPLETE", reasons(aws, stack)
    until(lambda: given(aws, function), "the first invocation is at once")
    assert f":schedule/{group}/{stack}" in given(aws, function)[0]["by"]
    (listed,) = aws.client("scheduler").list_schedules(GroupName=group)["Schedules"]
    assert listed["State"] == "ENABLED"
    aws.client("cloudformation").delete_stack(StackName=stack)
    assert settled(aws, stack) == "DELETE_COMPLETE"
    groups = aws.client("scheduler").list_schedule_groups(NamePrefix=group)["ScheduleGroups"]
    assert groups == []


def test_a_function_that_fails_is_tried_again_as_it_is_configured(aws: Emulator) -> None:
    function = functions.create(aws, TELLING + "    raise ValueError('on purpose')\n")
    aws.client("lambda").put_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=1)
    create(aws, "rate(1 hour)", function, Target={"Input": "1"})
    until(lambda: given(aws, function) == [1, 1], "the second attempt")


def test_a_schedule_that_is_not_understood_is_refused(aws: Emulator) -> None:
    function = functions.create(aws, TELLING)
    with pytest.raises(ClientError, match="Invalid Schedule Expression rate"):
        create(aws, "rate(5 seconds)", function)
    properties = {
        "ScheduleExpression": "cron(0 8 * * ? *)",
        "ScheduleExpressionTimezone": "Mars/Olympus",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target(aws, function),
    }
    stack, status = deploy(aws, Schedule={"Type": "AWS::Scheduler::Schedule", "Properties": properties})
    assert "FAILED" in status
    assert "Mars/Olympus" in reasons(aws, stack)


def test_what_was_due_while_it_was_down_is_started_once(aws: Emulator) -> None:
    function = functions.create(aws, TELLING)
    hourly = create(aws, "rate(1 hour)", function, Target={"Input": '"hourly"'})
    until(lambda: given(aws, function) == ["hourly"], "a rate is due when it is made")
    moment = datetime.now(UTC) + timedelta(seconds=3)
    name = create(aws, f"at({moment:%Y-%m-%dT%H:%M:%S})", function, ActionAfterCompletion="DELETE")
    aws.restart()
    until(lambda: len(given(aws, function)) == 2, "the one that was due is made up for")
    (_, once) = given(aws, function)
    assert once["source"] == "aws.scheduler"
    listed = aws.client("scheduler").list_schedules(NamePrefix="test-")["Schedules"]
    assert {hourly, name} & {one["Name"] for one in listed} == {hourly}, "the one that is completed is gone"
