"""What a first deployment, a long life and an account with keys of its own need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk.assertions import Annotations, Match, Template

import app as application
from stacks.artifact import ModelArtifact
from stacks.settings import parse_settings
from tests.template.conftest import FULLEST, SMALLEST, STAGES, new_app
from tests.template.resources import only, policies

Templates = dict[str, Template]


def workflow_of(given: dict[str, Any], artifact: ModelArtifact, folder: Path, stage: str = "test") -> Stack:
    app = application.build(new_app(folder), parse_settings(stage, given), artifact)
    stack = app.node.find_child(f"scones-{stage}-workflow")
    assert isinstance(stack, Stack)
    return stack


def warnings(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(one.entry.data) for one in found]


def test_a_stage_of_which_nobody_hears_is_a_warning(artifact: ModelArtifact, tmp_path: Path) -> None:
    (said,) = warnings(workflow_of(SMALLEST, artifact, tmp_path))
    assert "the setting notification.emails is empty" in said
    assert warnings(workflow_of(FULLEST, artifact, tmp_path / "fullest")) == []


def test_on_loopback_nobody_has_to_hear(artifact: ModelArtifact, tmp_path: Path) -> None:
    assert warnings(workflow_of(STAGES["local"], artifact, tmp_path, stage="local")) == []


def test_the_image_that_serves_is_never_expired(fullest: Templates) -> None:
    policy = only(fullest["inference"], "AWS::ECR::Repository")["LifecyclePolicy"]["LifecyclePolicyText"]
    assert policy.count("rulePriority") == 1
    assert '"tagStatus":"untagged"' in policy


def test_cloudformation_waits_longer_than_a_build_can_take(fullest: Templates) -> None:
    project = only(fullest["inference"], "AWS::CodeBuild::Project")
    waits = int(only(fullest["inference"], "Custom::ServingImage")["ServiceTimeout"])
    assert project["QueuedTimeoutInMinutes"] + project["TimeoutInMinutes"] < waits / 60 <= 60


def test_what_a_failed_first_deployment_has_made_is_not_retained(
    artifact: ModelArtifact, tmp_path: Path
) -> None:
    given = {**FULLEST, "storage": {**FULLEST["storage"], "on_destroy": "keep"}}
    app = application.build(new_app(tmp_path), parse_settings("test", given), artifact)
    stack = app.node.find_child("scones-test-storage")
    assert isinstance(stack, Stack)
    kept = [
        (resource["Type"], resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        for resource in Template.from_stack(stack).to_json()["Resources"].values()
        if "DeletionPolicy" in resource
    ]
    assert {kind for kind, _, _ in kept} == {"AWS::S3::Bucket", "AWS::KMS::Key"}
    assert {policies for _, *policies_ in kept for policies in [tuple(policies_)]} == {
        ("RetainExceptOnCreate", "Retain")
    }


@pytest.mark.parametrize(("stack", "readers"), [("inference", 2), ("monitoring", 1)])
def test_who_reads_assets_may_decrypt_them(fullest: Templates, stack: str, readers: int) -> None:
    statements = [
        statement
        for _, policy in policies(fullest[stack])
        for statement in policy["PolicyDocument"]["Statement"]
        if statement.get("Sid") == "DecryptAssets"
    ]
    assert len(statements) == readers
    for statement in statements:
        assert statement["Action"] == "kms:Decrypt"
        assert "s3.eu-west-1." in str(statement["Condition"]["StringEquals"]["kms:ViaService"])
        assert len(statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:s3:arn"]) == 2
