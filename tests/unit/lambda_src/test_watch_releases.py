"""The function that watches releases, over SageMaker, CloudWatch, SNS and S3 that answer in this process."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from tests.aws import CREDENTIALS, Answer, Aws, aws_in_process, json_answer

BUCKET, ENDPOINT, PATH = "data-bucket", "scones-dev", "/scones-dev/ab12/"
TAGS = {"project": "scones", "stage": "dev"}
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
Handler = Callable[[str], str]


class Stage:
    """An endpoint whose releases are made here, and a queue that hears of them."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.sagemaker, self.sns, self.sqs, self.iam = map(_client, ("sagemaker", "sns", "sqs", "iam"))
        self.topic: str = self.sns.create_topic(Name="failures")["TopicArn"]
        self.queue: str = self.sqs.create_queue(QueueName="heard")["QueueUrl"]
        self.sns.subscribe(
            TopicArn=self.topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:heard"
        )

    def make(self, number: int, tags: dict[str, str] = TAGS) -> None:
        """Config, model and role of a release."""
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        name = f"{number}-{tags['stage']}"
        role = self.iam.create_role(RoleName=f"role-{name}", Path=PATH, AssumeRolePolicyDocument=TRUST)[
            "Role"
        ]
        self.sagemaker.create_model(
            ModelName=f"model-{name}",
            ExecutionRoleArn=role["Arn"],
            PrimaryContainer={"Image": "image", "Environment": {"MODEL_DIGEST": f"{number:064x}"}},
            Tags=listed,
        )
        variant = {"VariantName": "AllTraffic", "ModelName": f"model-{name}", "InstanceType": "ml.m5.large"}
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=f"config-{name}",
            ProductionVariants=[{**variant, "InitialInstanceCount": 1}],
            Tags=listed,
        )

    def serve(self, number: int, *, minute: int, failure: str = "", status: str = "InService") -> None:
        """What the endpoint is from now on, since so many minutes."""
        described = {
            "EndpointName": ENDPOINT,
            "EndpointConfigName": f"config-{number}-dev",
            "EndpointStatus": status,
            "LastModifiedTime": (NOW + timedelta(minutes=minute)).timestamp(),
            "LastDeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "slow"}]}},
            **({"FailureReason": failure} if failure else {}),
        }
        self.aws.answers["DescribeEndpoint"] = json_answer(described)

    @property
    def configs(self) -> list[str]:
        found = self.sagemaker.list_endpoint_configs()["EndpointConfigs"]
        return sorted(config["EndpointConfigName"] for config in found)

    def heard(self) -> list[dict[str, str]]:
        """What people were told since the last look."""
        messages = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


def _client(service: str) -> Any:
    return boto3.client(service, region_name="us-east-1")  # type: ignore[call-overload]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with aws_in_process(BUCKET) as aws:
        yield Stage(aws)


@pytest.fixture
def watch(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Handler:
    """Hands the function an event with a status; what it made of it."""
    variables = {
        "ENDPOINT_NAME": ENDPOINT,
        "DATA_BUCKET": BUCKET,
        "RELEASES_PREFIX": "releases/",
        "TOPIC_ARN": stage.topic,
        "RUNBOOK": "docs/operations.md#a-release-that-was-rolled-back",
        "TAGS": json.dumps(TAGS),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    module = importlib.reload(importlib.import_module("lambda_src.watch_releases"))
    monkeypatch.setattr("lambda_src.core.releases.serving.PAUSE_SECONDS", 0)

    def outcome(status: str) -> str:
        answer: dict[str, str] = module.handler({"detail": {"EndpointStatus": status}}, None)
        return answer["outcome"]

    return outcome


def records(stage: Stage) -> list[dict[str, Any]]:
    return [json.loads(stage.aws.objects[place]) for place in sorted(stage.aws.objects)]


def test_a_release_is_written_down_and_old_ones_go(stage: Stage, watch: Handler) -> None:
    for number in range(6):
        stage.make(number)
    stage.make(7, {"project": "scones", "stage": "dev-2"})
    stage.serve(1, minute=1)
    assert watch("IN_SERVICE") == "released"
    kept = ["config-1-dev", "config-3-dev", "config-4-dev", "config-5-dev", "config-7-dev-2"]
    assert stage.configs == kept
    models = {model["ModelName"] for model in stage.sagemaker.list_models()["Models"]}
    assert models == {name.replace("config", "model") for name in kept}
    roles = {role["RoleName"] for role in stage.iam.list_roles()["Roles"]}
    assert roles == {name.replace("config", "role") for name in kept}
    (record,) = records(stage)
    assert (record["outcome"], record["endpoint_config"], record["model"], record["told"]) == (
        "released",
        "config-1-dev",
        f"{1:064x}"[:12],
        True,
    )
    assert stage.heard() == []


def test_a_rollback_is_told_once_with_its_reason_and_nothing_goes(stage: Stage, watch: Handler) -> None:
    for number in range(5):
        stage.make(number)
    _client("cloudwatch").put_metric_alarm(
        AlarmName="slow",
        MetricName="ModelLatency",
        Namespace="AWS/SageMaker",
        Period=60,
        Statistic="Maximum",
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    _client("cloudwatch").set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="2 s were seen")
    stage.serve(0, minute=1, failure="The alarm slow rang.")
    assert [watch(status) for status in ("ROLLING_BACK", "IN_SERVICE", "IN_SERVICE")] == [
        "rolled_back",
        "none",
        "none",
    ]
    (told,) = stage.heard()
    assert told["Subject"] == "scones-dev: the release was rolled back"
    for text in ("Why: The alarm slow rang; slow: 2 s were seen", f"model {0:012x}", "#a-release-that-was"):
        assert text in told["Message"]
    assert len(stage.configs) == 5
    stage.serve(0, minute=9, failure="The alarm slow rang.")  # scaling, after it
    assert (watch("IN_SERVICE"), stage.heard()) == ("none", [])
    stage.serve(0, minute=20, failure="The alarm slow rang.")  # the next release, for the same reason
    assert (watch("ROLLING_BACK"), len(stage.heard())) == ("rolled_back", 1)


def test_scaling_is_no_release(stage: Stage, watch: Handler) -> None:
    stage.make(1)
    stage.serve(1, minute=1)
    assert watch("IN_SERVICE") == "released"
    stage.serve(1, minute=5)
    assert watch("IN_SERVICE") == "none"
    assert len(records(stage)) == 1


def test_what_could_not_be_told_is_told_by_the_next_invocation(
    stage: Stage, watch: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.make(1)
    stage.serve(1, minute=1, failure="The alarm slow rang.")
    stage.aws.answers["Publish"] = Answer(500, b"<ErrorResponse/>")
    with pytest.raises(Exception, match="Publish"):
        watch("IN_SERVICE")
    del stage.aws.answers["Publish"]
    assert (watch("IN_SERVICE"), stage.heard()) == ("known", [])  # the other one may be at it
    monkeypatch.setattr("lambda_src.aws.release_records.HANDLED_WITHIN", timedelta(0))
    assert (watch("IN_SERVICE"), len(stage.heard())) == ("rolled_back", 1)


def test_it_waits_for_what_follows_by_itself(stage: Stage, watch: Handler) -> None:
    stage.make(1)
    stage.serve(1, minute=1, status="RollingBack")
    first: Any = stage.aws.answers["DescribeEndpoint"]
    stage.serve(1, minute=2, failure="The alarm slow rang.")
    last: Any = stage.aws.answers["DescribeEndpoint"]
    seen = iter([first, first])
    stage.aws.answers["DescribeEndpoint"] = lambda _request: next(seen, last)
    assert watch("ROLLING_BACK") == "rolled_back"
    (record,) = records(stage)
    assert record["time"] == (NOW + timedelta(minutes=2)).isoformat()
