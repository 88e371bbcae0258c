"""`scones leftovers` on a deployed stage: every resource of its stacks is found, by the name it has there."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from contracts.names import LOOPBACK_STAGE, StageNames
from tests.local.deployed.emulator import Emulator
from tests.local.deployed.verbs import Verbs

LOOKED_AT = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "scaling",
    "AWS::CloudWatch::Alarm": "alarm",
    "AWS::CloudWatch::CompositeAlarm": "alarm",
    "AWS::CloudWatch::Dashboard": "dashboard",
    "AWS::Events::Rule": "rule",
    "AWS::IAM::Role": "role",
    "AWS::Lambda::Function": "function",
    "AWS::Lambda::LayerVersion": "layer version",
    "AWS::Logs::LogGroup": "log group",
    "AWS::S3::Bucket": "bucket",
    "AWS::SNS::Topic": "topic",
    "AWS::SQS::Queue": "queue",
    "AWS::SageMaker::Endpoint": "endpoint",
    "AWS::SageMaker::EndpointConfig": "endpoint config",
    "AWS::SageMaker::Model": "model",
    "AWS::Scheduler::Schedule": "schedule",
    "AWS::StepFunctions::StateMachine": "state machine",
}


def test_each_resource_of_the_stacks_is_found(
    aws: Emulator, deployed: dict[str, str], verb_server: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert deployed
    told = Verbs(aws, verb_server, tmp_path).told("leftovers")
    assert told["not_looked_at"] == {}
    found = [one["kind"] for one in told["resources"] if one["deleted_with_stack"]]
    declared = [LOOKED_AT[kind] for kind in _types(aws, told["stacks"]) if kind in LOOKED_AT]
    assert {kind: found.count(kind) for kind in set(declared)} == {
        kind: declared.count(kind) for kind in set(declared)
    }


def _types(aws: Emulator, stacks: list[str]) -> list[str]:
    client = aws.client("cloudformation")
    assert StageNames(LOOPBACK_STAGE).stack("monitoring") in stacks
    pages: Any = [client.get_paginator("list_stack_resources").paginate(StackName=name) for name in stacks]
    return [
        resource["ResourceType"]
        for listed in pages
        for page in listed
        for resource in page["StackResourceSummaries"]
    ]
