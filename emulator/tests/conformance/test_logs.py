"""Logs of executions in CloudWatch Logs: levels, form, data, and what a configuration may say."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance import definitions, machines
from tests.conformance.documents import aws_document
from tests.running import executions
from tests.running.emulator import Emulator

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg"
LOGS = f"{GUIDE}/cw-logs.html"
LEVELS = f"{GUIDE}/cloudwatch-log-level.html"
CONFIGURATION = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html"
FAILING = definitions.machine(
    {"A": {"Type": "Pass", "Next": "F"}, "F": {"Type": "Fail", "Error": "E", "Cause": "c"}}
)


@pytest.fixture
def group(aws: Emulator) -> Iterator[str]:
    """The name of an empty log group."""
    name = f"/aws/vendedlogs/states/case-{uuid.uuid4().hex[:8]}"
    aws.client("logs").create_log_group(logGroupName=name)
    yield name
    aws.client("logs").delete_log_group(logGroupName=name)


def configuration(group: str, level: str = "ALL", *, data: bool = True, ending: str = ":*") -> dict[str, Any]:
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}{ending}"
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": arn}}
    return {"level": level, "includeExecutionData": data, "destinations": [destination]}


def lines_of(aws: Emulator, group: str, execution: str, last: str) -> list[dict[str, Any]]:
    """What the group holds of an execution, once it holds an event of type `last`."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pages = aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        found = [json.loads(event["message"]) for page in pages for event in page["events"]]
        lines = [line for line in found if line["execution_arn"] == execution]
        if lines and lines[-1]["type"] == last:
            return lines
        time.sleep(0.02)
    raise AssertionError(f"no {last} of {execution} in {group}")


def logged(aws: Emulator, definition: dict[str, Any], log: dict[str, Any], last: str) -> list[dict[str, Any]]:
    """The log of a run that has ended."""
    machine = machines.define(aws, definition, loggingConfiguration=log)
    execution = executions.run(aws, machine, {"secret": 1})["executionArn"]
    arn = log["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"]
    return lines_of(aws, arn.split(":")[6], execution, last)


@aws_document(LOGS, assumed="members as vended logs are reported to have them")
def test_lines_are_the_history(aws: Emulator, group: str) -> None:
    machine = machines.define(aws, FAILING, loggingConfiguration=configuration(group))
    execution = executions.run(aws, machine, {"a": 1})["executionArn"]
    lines = lines_of(aws, group, execution, "ExecutionFailed")
    history = machines.events(aws, execution)
    for line, event in zip(lines, history, strict=True):
        assert line.keys() == {
            "id",
            "type",
            "details",
            "previous_event_id",
            "event_timestamp",
            "execution_arn",
            "redrive_count",
        }
        assert (line["id"], line["previous_event_id"]) == (str(event["id"]), str(event["previousEventId"]))
        assert (line["type"], line["redrive_count"]) == (event["type"], "0")
        assert line["event_timestamp"] == str(round(event["timestamp"].timestamp() * 1000))
        assert line["details"] == next((event[key] for key in event if key.endswith("EventDetails")), {})


@pytest.mark.parametrize(
    ("level", "types"),
    [
        ("ERROR", ["FailStateEntered", "ExecutionFailed"]),
        ("FATAL", ["ExecutionFailed"]),
        (
            "ALL",
            [
                "ExecutionStarted",
                "PassStateEntered",
                "PassStateExited",
                "FailStateEntered",
                "ExecutionFailed",
            ],
        ),
    ],
)
@aws_document(LEVELS)
def test_levels(aws: Emulator, group: str, level: str, types: list[str]) -> None:
    lines = logged(aws, FAILING, configuration(group, level), "ExecutionFailed")
    assert [line["type"] for line in lines] == types


@aws_document(LEVELS)
def test_errors_of_tasks_that_are_caught_are_logged(aws: Emulator, group: str) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
        "Parameters": {"QueueName": "no-such-queue"},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "A"}],
        "Next": "A",
    }
    definition = definitions.machine({"T": state, "A": {"Type": "Pass"}})
    [line] = logged(aws, definition, configuration(group, "ERROR"), "TaskFailed")
    assert line["details"]["resourceType"] == "aws-sdk:sqs"
    assert line["details"]["error"].startswith("Sqs.")


@aws_document(LEVELS)
def test_a_success_is_no_error_and_off_is_off(aws: Emulator, group: str) -> None:
    """What a third machine logs afterwards is all that there is: lines are delivered in order."""
    succeeding = definitions.machine({"A": {"Type": "Pass"}})
    for level in ("OFF", "ERROR", "FATAL"):
        machine = machines.define(aws, succeeding, loggingConfiguration=configuration(group, level))
        executions.run(aws, machine, {})
    last = logged(aws, succeeding, configuration(group), "ExecutionSucceeded")
    events = aws.client("logs").filter_log_events(logGroupName=group)["events"]
    assert [json.loads(event["message"]) for event in events] == last


@aws_document(CONFIGURATION, assumed="execution data is input, output, parameters and assigned variables")
def test_without_execution_data(aws: Emulator, group: str) -> None:
    definition = definitions.machine(
        {"T": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "Parameters": {}}}
    )
    lines = logged(aws, definition, configuration(group, data=False), "ExecutionSucceeded")
    assert "secret" not in json.dumps(lines)
    assert not {"input", "output", "parameters"} & {name for line in lines for name in line["details"]}
    assert lines[1]["details"] == {"name": "T"}


@aws_document(LOGS, assumed="the form of stream names, as users report them")
def test_stream(aws: Emulator, group: str) -> None:
    machine = machines.define(aws, FAILING, loggingConfiguration=configuration(group))
    execution = executions.run(aws, machine, {})["executionArn"]
    lines_of(aws, group, execution, "ExecutionFailed")
    streams = aws.client("logs").describe_log_streams(logGroupName=group)["logStreams"]
    [name] = [stream["logStreamName"] for stream in streams if stream.get("lastEventTimestamp")]
    assert re.fullmatch(
        rf"states/{machine.rpartition(':')[2]}/\d{{4}}-\d\d-\d\d-\d\d-\d\d/[0-9a-f]{{8}}", name
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda log: log | {"destinations": []},
        lambda log: log | {"destinations": log["destinations"] * 2},
        lambda _: configuration("no-such-group"),
        lambda log: log | {"destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "nonsense"}}]},
    ],
    ids=["no destination", "two destinations", "no such group", "no ARN"],
)
@aws_document(CONFIGURATION, assumed="the wording of the errors")
def test_configurations_that_are_refused(aws: Emulator, group: str, change: Any) -> None:
    with pytest.raises(ClientError) as error:
        machines.define(aws, FAILING, loggingConfiguration=change(configuration(group)))
    assert error.value.response["Error"]["Code"] == "InvalidLoggingConfiguration"
    machine = machines.define(aws, FAILING)
    with pytest.raises(ClientError) as error:
        aws.client("stepfunctions").update_state_machine(
            stateMachineArn=machine, loggingConfiguration=change(configuration(group))
        )
    assert error.value.response["Error"]["Code"] == "InvalidLoggingConfiguration"


@aws_document(
    "https://docs.aws.amazon.com/step-functions/latest/apireference/API_CloudWatchLogsLogGroup.html"
)
def test_arn_of_the_group_ends_with_a_wildcard(aws: Emulator, group: str) -> None:
    with pytest.raises(ClientError) as error:
        machines.define(aws, FAILING, loggingConfiguration=configuration(group, ending=""))
    assert error.value.response["Error"]["Code"] == "InvalidLoggingConfiguration"


@aws_document(CONFIGURATION)
def test_defaults(aws: Emulator) -> None:
    """Off, and without data."""
    machine = machines.define(aws, FAILING)
    described = aws.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    assert described["loggingConfiguration"] == {"level": "OFF", "includeExecutionData": False}


@aws_document(
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-stepfunctions-statemachine-loggingconfiguration.html"
)
def test_configuration_of_a_template(aws: Emulator) -> None:
    """Kept and obeyed; taken away by an update without it; a failure when it is not valid."""
    name = f"case-{uuid.uuid4().hex[:8]}"
    formation = aws.client("cloudformation")
    arn = {"Fn::GetAtt": ["Group", "Arn"]}

    def template(log: dict[str, Any] | None) -> str:
        machine: dict[str, Any] = {"RoleArn": machines.ROLE, "DefinitionString": json.dumps(FAILING)}
        if log:
            machine["LoggingConfiguration"] = log
        return json.dumps(
            {
                "Resources": {
                    "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}},
                    "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
                },
                "Outputs": {"Machine": {"Value": {"Ref": "Machine"}}},
            }
        )

    destination = [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn}}]
    log = {"Level": "ALL", "IncludeExecutionData": True, "Destinations": destination}
    formation.create_stack(StackName=name, TemplateBody=template(log))
    formation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.1})
    [output] = formation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    machine = output["OutputValue"]
    described = aws.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    assert described["loggingConfiguration"] == configuration(name)
    execution = executions.run(aws, machine, {})["executionArn"]
    lines_of(aws, name, execution, "ExecutionFailed")
    formation.update_stack(StackName=name, TemplateBody=template(None))
    formation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 0.1})
    described = aws.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    assert described["loggingConfiguration"]["level"] == "OFF"
    formation.delete_stack(StackName=name)
    formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 0.1})


@aws_document("https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html")
def test_subscription_filters_see_the_lines(aws: Emulator, group: str) -> None:
    """A function that subscribes is called with what matches."""
    queue = aws.client("sqs").create_queue(QueueName=f"case-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    source = (
        "import base64, gzip, os\nimport boto3\n\n\ndef handler(event, context):\n"
        "    body = gzip.decompress(base64.b64decode(event['awslogs']['data'])).decode()\n"
        f"    boto3.client('sqs').send_message(QueueUrl={queue!r}, MessageBody=body)\n"
    )
    aws.client("logs").put_subscription_filter(
        logGroupName=group,
        filterName="f",
        filterPattern="ExecutionFailed",
        destinationArn=machines.function(aws, source),
    )
    logged(aws, FAILING, configuration(group), "ExecutionFailed")
    end = time.monotonic() + 60
    messages: list[dict[str, Any]] = []
    while not messages and time.monotonic() < end:
        messages = aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
    body = json.loads(messages[0]["Body"])
    assert body["logGroup"] == group
    assert [json.loads(event["message"])["type"] for event in body["logEvents"]] == ["ExecutionFailed"]


@aws_document(LOGS, assumed="that logs are complete after a stop of the service is more than AWS promises")
def test_no_line_is_lost_when_the_service_stops(aws: Emulator, group: str) -> None:
    machine = machines.define(aws, FAILING, loggingConfiguration=configuration(group))
    ended = [executions.run(aws, machine, {})["executionArn"] for _ in range(5)]
    aws.restart()
    for execution in ended:
        assert len(lines_of(aws, group, execution, "ExecutionFailed")) == 5
