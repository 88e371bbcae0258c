"""The inbox: what starts, what may be done, and that nothing of it is there while it is off."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template

from stacks.settings import StageSettings, parse_settings
from stacks.workflow.inbox.arrivals import key_patterns
from tests.template.conftest import SMALLEST, Templates

SINGLE = SMALLEST | {"workflow": {"inbox": {"mode": "single"}}}


@pytest.fixture(scope="module")
def single(synthesize: Callable[[StageSettings], Templates]) -> Template:
    return synthesize(parse_settings("test", SINGLE))["workflow"]


@pytest.fixture(scope="module")
def gathering(fullest: Templates) -> Template:
    return fullest["workflow"]


def actions_of_the_inbox(template: Template) -> set[str]:
    policies = template.find_resources("AWS::IAM::Policy")
    (policy,) = [one for name, one in policies.items() if name.startswith("InboxFunctionRole")]
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    actions: set[str] = set()
    for statement in statements:
        said = statement["Action"]
        actions.update([said] if isinstance(said, str) else said)
    return {action for action in actions if not action.startswith(("logs:", "xray:", "kms:"))}


def test_off_there_is_nothing_of_it(smallest: Templates) -> None:
    for kind in ("AWS::Lambda::Function", "AWS::Events::Rule", "AWS::SQS::Queue", "AWS::IAM::Role"):
        assert not [name for name in smallest["workflow"].find_resources(kind) if name.startswith("Inbox")]


def test_the_rule_takes_new_objects_of_the_data_bucket_below_the_prefix_only(gathering: Template) -> None:
    gathering.has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {
                    "bucket": {"name": [Match.any_value()]},
                    "object": {
                        "key": [
                            {"wildcard": r"in\*box/*.png"},
                            {"wildcard": r"in\*box/*.PNG"},
                            {"wildcard": r"in\*box/*.Jpg"},
                            {"wildcard": r"in\*box/*.jpg"},
                            {"wildcard": r"in\*box/*.JPG"},
                        ]
                    },
                },
            },
            "Targets": [Match.object_like({"DeadLetterConfig": Match.any_value()})],
        },
    )


def test_without_suffixes_every_key_below_the_prefix_is_meant() -> None:
    assert key_patterns("a*b\\/", []) == [{"prefix": "a*b\\/"}]


@pytest.mark.parametrize("mode", ["single", "gathering"])
def test_what_fails_five_times_is_a_dead_letter(request: pytest.FixtureRequest, mode: str) -> None:
    template: Template = request.getfixturevalue(mode)
    template.has_resource_properties(
        "AWS::SQS::Queue",
        {
            "RedrivePolicy": {"maxReceiveCount": 5, "deadLetterTargetArn": Match.any_value()},
            "MessageRetentionPeriod": 14 * 24 * 3600,
            "SqsManagedSseEnabled": True,
            "VisibilityTimeout": 360,
        },
    )


@pytest.mark.parametrize("mode", ["single", "gathering"])
def test_only_this_rule_may_send_to_the_queue(request: pytest.FixtureRequest, mode: str) -> None:
    template: Template = request.getfixturevalue(mode)
    policies = template.find_resources("AWS::SQS::QueuePolicy")
    (policy,) = [one for name, one in policies.items() if name.startswith("InboxArrivalsQueuePolicy")]
    (allowed,) = [
        one for one in policy["Properties"]["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"
    ]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert re.match("InboxArrivalsRule", allowed["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::GetAtt"][0])


def test_one_by_one_the_queue_invokes_a_function_that_starts_one_machine(single: Template) -> None:
    single.has_resource_properties(
        "AWS::Lambda::EventSourceMapping",
        {
            "BatchSize": 10,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 2},
        },
    )
    single.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "FunctionName": "scones-test-inbox",
            "Handler": "lambda_src.start_executions.handler",
            "Environment": {
                "Variables": {"STATE_MACHINE": {"Ref": Match.string_like_regexp("ClassifyImage")}}
            },
        },
    )
    single.resource_count_is("AWS::Scheduler::Schedule", 0)
    assert actions_of_the_inbox(single) == {
        "states:StartExecution",
        "sqs:ReceiveMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueUrl",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
    }


def test_many_at_once_a_schedule_invokes_one_that_gathers(gathering: Template) -> None:
    gathering.resource_count_is("AWS::Lambda::EventSourceMapping", 0)
    gathering.has_resource_properties(
        "AWS::Scheduler::Schedule", {"Name": "scones-test-inbox", "ScheduleExpression": "rate(2 minutes)"}
    )
    variables: Any = {"STATE_MACHINE": {"Ref": Match.string_like_regexp("ClassifyBatch")}}
    gathering.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "FunctionName": "scones-test-inbox",
            "Handler": "lambda_src.gather_objects.handler",
            "Environment": {"Variables": variables | {"GATHERING_PREFIX": "gathering/"}},
        },
    )
    assert actions_of_the_inbox(gathering) == {
        "states:StartExecution",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "s3:AbortMultipartUpload",
    }


def test_its_function_is_watched_as_the_others_are(fullest: Templates) -> None:
    (alarm,) = [
        one["Properties"]
        for one in fullest["monitoring"].find_resources("AWS::CloudWatch::Alarm").values()
        if one["Properties"].get("AlarmName") == "scones-test-function-throttles"
    ]
    watched = [entry for entry in alarm["Metrics"] if "MetricStat" in entry]
    assert len(watched) == 6
