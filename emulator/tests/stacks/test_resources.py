"""CloudFormation types that the project mends or adds: as AWS has them, or refused by name."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from loopback_aws.instance import is_alive

from tests.running import executions, functions
from tests.running.emulator import Emulator
from tests.running.topics import read_marked, subscribe_queue
from tests.running.waiting import looks, until


def deploy(aws: Emulator, **resources: dict[str, Any]) -> tuple[str, str]:
    """Create a stack of the resources (type and properties); its name and how it ended."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    aws.client("cloudformation").create_stack(
        StackName=name, TemplateBody=json.dumps({"Resources": resources}), OnFailure="DO_NOTHING"
    )
    return name, settled(aws, name)


def settled(aws: Emulator, stack: str) -> str:
    """The stack's status once nothing happens to it any more."""
    for _ in looks(60):
        stacks = aws.client("cloudformation").list_stacks()["StackSummaries"]
        status = next(s["StackStatus"] for s in stacks if s["StackName"] == stack)
        if not status.endswith("IN_PROGRESS"):
            return str(status)
    raise AssertionError(f"{stack} is still {status}")


def reasons(aws: Emulator, stack: str) -> str:
    """Everything that the stack's events give as reasons."""
    events = aws.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return "\n".join(event.get("ResourceStatusReason", "") for event in events)


def test_a_bucket_keeps_its_tags_and_is_not_deleted_with_objects(aws: Emulator) -> None:
    s3, bucket = aws.client("s3"), f"test-{uuid.uuid4().hex[:8]}"
    properties = {"BucketName": bucket, "Tags": [{"Key": "team", "Value": "test"}]}
    stack, status = deploy(aws, Bucket={"Type": "AWS::S3::Bucket", "Properties": properties})
    assert status == "CREATE_COMPLETE"
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == properties["Tags"]
    s3.put_object(Bucket=bucket, Key="in the way", Body=b"x")
    aws.client("cloudformation").delete_stack(StackName=stack)
    assert settled(aws, stack) == "DELETE_FAILED"
    assert f"The bucket {bucket} you tried to delete is not empty" in reasons(aws, stack)
    s3.delete_object(Bucket=bucket, Key="in the way")
    aws.client("cloudformation").delete_stack(StackName=stack)
    assert settled(aws, stack) == "DELETE_COMPLETE"
    assert not list((aws.state / "objects").glob(f"**/{bucket}/*"))


def test_a_deleted_function_leaves_no_process_to_answer_for_the_next_of_its_name(aws: Emulator) -> None:
    name = f"test-{uuid.uuid4().hex[:8]}"

    def answer(value: int) -> tuple[str, Any]:
        properties = {
            "FunctionName": name,
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/any",
            "Code": {
                "ZipFile": f"import os\ndef handler(event, context):\n    return [{value}, os.getpid()]\n"
            },
        }
        stack, _ = deploy(aws, Function={"Type": "AWS::Lambda::Function", "Properties": properties})
        return stack, json.load(aws.client("lambda").invoke(FunctionName=name)["Payload"])

    stack, (value, process) = answer(1)
    assert (value, is_alive(process)) == (1, True)
    aws.client("cloudformation").delete_stack(StackName=stack)
    assert settled(aws, stack) == "DELETE_COMPLETE"
    assert not is_alive(process)
    stack, (value, _) = answer(2)
    assert value == 2
    aws.client("cloudformation").delete_stack(StackName=stack)


def test_an_unknown_type_is_refused_by_name(aws: Emulator) -> None:
    with pytest.raises(aws.client("cloudformation").exceptions.ClientError) as error:
        deploy(aws, Cluster={"Type": "AWS::HyperPod::Nonsense", "Properties": {}})
    assert "AWS::HyperPod::Nonsense" in str(error.value)


def test_a_definition_that_cannot_run_is_refused(aws: Emulator) -> None:
    with pytest.raises(aws.client("stepfunctions").exceptions.InvalidDefinition, match="target: Gone"):
        functions.machine(aws, {"A": {"Type": "Pass", "Next": "Gone"}})
    inner = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    states = {"Batches": {"Type": "Map", "ItemBatcher": {}, "ItemProcessor": inner, "End": True}}
    properties = {
        "RoleArn": "arn:aws:iam::000000000000:role/test",
        "DefinitionString": json.dumps({"StartAt": "Batches", "States": states}),
    }
    stack, status = deploy(
        aws, Machine={"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    )
    assert "FAILED" in status
    assert "ItemBatcher" in reasons(aws, stack)


def alarm(topic: str, machine: str, expression: str) -> dict[str, Any]:
    """An alarm on two or more executions that did not succeed, as CDK writes a sum of metrics."""

    def metric(id: str, name: str) -> dict[str, Any]:
        dimensions = [{"Name": "StateMachineArn", "Value": machine}]
        stat = {"Namespace": "AWS/States", "MetricName": name, "Dimensions": dimensions}
        return {"Id": id, "MetricStat": {"Metric": stat, "Period": 300, "Stat": "Sum"}, "ReturnData": False}

    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "EvaluationPeriods": 1,
            "Threshold": 2,
            "AlarmActions": [topic],
            "Metrics": [
                {"Id": "sum", "Expression": expression, "ReturnData": True},
                metric("failed", "ExecutionsFailed"),
                metric("aborted", "ExecutionsAborted"),
            ],
        },
    }


def test_an_alarm_on_a_sum_of_metrics_fires(aws: Emulator) -> None:
    topic = aws.client("sns").create_topic(Name=f"test-{uuid.uuid4().hex[:8]}")["TopicArn"]
    queue = subscribe_queue(aws, topic)
    broken = functions.machine(aws, {"Fail": {"Type": "Fail", "Error": "Broken", "Cause": "always"}})
    other = functions.machine(aws, {"Fail": {"Type": "Fail", "Error": "Broken", "Cause": "always"}})
    stack, status = deploy(aws, Alarm=alarm(topic, broken, "FILL(failed, 0) + FILL(aborted, 0)"))
    assert status == "CREATE_COMPLETE", reasons(aws, stack)

    def state() -> str:
        alarms = aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=stack)["MetricAlarms"]
        return str(alarms[0]["StateValue"])

    for machine in (other, other, broken):
        executions.run(aws, machine, {})
    until(lambda: state() == "OK", "one of this machine, two of another")
    executions.run(aws, broken, {})
    [message] = read_marked(aws, topic, queue, count=1)
    assert json.loads(message["Message"])["NewStateValue"] == "ALARM"
    assert state() == "ALARM"


def test_another_expression_is_refused_by_name(aws: Emulator) -> None:
    stack, status = deploy(
        aws, Alarm=alarm("arn:aws:sns:us-east-1:000000000000:x", "m", "RATE(failed) + aborted")
    )
    assert "FAILED" in status
    assert "RATE" in reasons(aws, stack)
