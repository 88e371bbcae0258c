"""What rules, schedules and the topic hand over: whole, and kept and counted when it cannot be delivered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from contracts.consoles import CONSOLES
from tests.template.resources import written

Templates = dict[str, Template]
# Made by AWS, of letters that need no escaping in a text: all others may hold a quote.
SAFE_PATHS = {"$.detail.executionArn", "$.detail.stateMachineArn", "$.detail.status", "$.region"}


def every(templates: Templates, kind: str) -> list[dict[str, Any]]:
    """The properties of all resources of this type, in all stacks."""
    return [
        item["Properties"]
        for template in templates.values()
        for item in template.find_resources(kind).values()
    ]


@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_what_cannot_be_delivered_is_kept(request: pytest.FixtureRequest, size: str) -> None:
    templates: Templates = request.getfixturevalue(size)
    targets = [target for rule in every(templates, "AWS::Events::Rule") for target in rule["Targets"]]
    targets += [schedule["Target"] for schedule in every(templates, "AWS::Scheduler::Schedule")]
    assert len(targets) == {"smallest": 4, "fullest": 7}[size]
    kept = [target["DeadLetterConfig"]["Arn"] for target in targets]
    for subscription in every(templates, "AWS::SNS::Subscription"):
        kept.append(subscription["RedrivePolicy"]["deadLetterTargetArn"])
    for arn in kept:
        assert "DeadLetters" in arn["Fn::GetAtt"][0]
    for queue in every(templates, "AWS::SQS::Queue"):
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
        assert queue["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_everything_that_is_not_delivered_is_counted_by_one_alarm(
    request: pytest.FixtureRequest, size: str
) -> None:
    templates: Templates = request.getfixturevalue(size)
    (alarm,) = [
        alarm
        for alarm in every(templates, "AWS::CloudWatch::Alarm")
        if alarm.get("AlarmName") == "scones-test-undelivered"
    ]
    stats = [entry["MetricStat"] for entry in alarm["Metrics"] if "MetricStat" in entry]
    counted = [stat["Metric"]["MetricName"] for stat in stats]
    assert counted.count("FailedInvocations") == len(every(templates, "AWS::Events::Rule"))
    dead_letters = [queue for queue in every(templates, "AWS::SQS::Queue") if "RedrivePolicy" not in queue]
    assert counted.count("ApproximateNumberOfMessagesVisible") == len(dead_letters)
    assert len(stats) <= 10  # what CloudWatch takes in one alarm
    assert counted.count("NumberOfNotificationsFailed") == 1
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")


def test_a_rules_message_holds_nothing_that_could_break_it(fullest: Templates) -> None:
    """EventBridge escapes nothing: with a quote in it the message would be dropped, unseen."""
    transformers = [
        target["InputTransformer"]
        for rule in every(fullest, "AWS::Events::Rule")
        for target in rule["Targets"]
        if "InputTransformer" in target
    ]
    assert len(transformers) == 2
    for transformer in transformers:
        assert set(transformer["InputPathsMap"].values()) <= SAFE_PATHS
        for partition, host in CONSOLES.items():
            lines = [
                json.loads(line) for line in written(transformer["InputTemplate"], partition).splitlines()
            ]
            assert any(line.startswith(f"Console: https://<region>.{host}/states/home?") for line in lines)
