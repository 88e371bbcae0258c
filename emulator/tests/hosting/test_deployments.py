"""Deployment guardrails as boto3 users see them: real alarms on the new fleet, and rules that hear of it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.hosting.hosting import Hosting, fresh
from tests.running.emulator import Emulator
from tests.running.waiting import until


@pytest.fixture(scope="module")
def hosting(aws: Emulator) -> Hosting:
    return Hosting(aws)


def heard(hosting: Hosting, endpoint: str) -> str:
    """URL of a queue that a rule sends the endpoint's events to."""
    sqs, events = hosting.aws.client("sqs"), hosting.aws.client("events")
    name = fresh("heard")
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"],
        "detail": {"EndpointName": [endpoint]},
    }
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def events_until(hosting: Hosting, url: str, status: str) -> list[dict[str, Any]]:
    """Events from the queue, until one of the endpoint's state has this status."""
    found: list[dict[str, Any]] = []

    def ended() -> bool:
        answer = hosting.aws.client("sqs").receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        for message in answer.get("Messages", []):
            hosting.aws.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
        return any(
            event["detail-type"] == "SageMaker Endpoint State Change"
            and event["detail"]["EndpointStatus"] == status
            for event in found
        )

    until(ended, f"an event with {status}")
    return found


def test_an_alarm_on_the_new_fleet_takes_an_update_back_and_rules_hear_of_it(hosting: Hosting) -> None:
    old = hosting.config(hosting.model(version="old"), count=2)
    new = hosting.config(hosting.model(version="new"), count=2)
    name, alarm = hosting.endpoint(old), fresh("alarm")
    fleet = {"EndpointName": name, "VariantName": "AllTraffic", "EndpointConfigName": new}
    hosting.aws.client("cloudwatch").put_metric_alarm(
        AlarmName=alarm,
        Namespace="AWS/SageMaker",
        MetricName="Invocation4XXErrors",
        Dimensions=[{"Name": key, "Value": value} for key, value in fleet.items()],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    url = heard(hosting, name)

    def fail() -> None:
        """A request that whichever fleet gets it answers with 4xx."""
        with suppress(ClientError):
            hosting.invoke(name, b"\xff")

    try:
        fail()  # the old fleet's errors are not the new one's
        hosting.api.update_endpoint(
            EndpointName=name,
            EndpointConfigName=new,
            DeploymentConfig={
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {
                        "Type": "CANARY",
                        "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
                        "WaitIntervalInSeconds": 3600,
                    },
                    "TerminationWaitInSeconds": 3600,
                },
                "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]},
            },
        )

        def baking() -> bool:
            described = hosting.api.describe_endpoint(EndpointName=name)
            (variant,) = described.get("PendingDeploymentSummary", {}).get("ProductionVariants", [{}])
            return [stage["Status"] for stage in variant.get("VariantStatus", [])] == ["Baking"]

        until(baking)
        for _ in range(4):
            fail()
        after = hosting.settled(name)
        assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", old)
        assert f'rolled back: the CloudWatch alarm "{alarm}" is in ALARM' in after["FailureReason"]
        assert {hosting.invoke(name)["CustomAttributes"] for _ in range(4)} == {"version=old"}
        assert len(hosting.servers(name)) == 2
        told = events_until(hosting, url, "IN_SERVICE")
        statuses = {event["detail"]["EndpointStatus"] for event in told}
        assert statuses == {"UPDATING", "ROLLING_BACK", "IN_SERVICE"}
        arn = after["EndpointArn"]
        assert all((event["source"], event["resources"]) == ("aws.sagemaker", [arn]) for event in told)
    finally:
        hosting.api.delete_endpoint(EndpointName=name)
