"""Roles are taken on for this account only: no service can be used by another account to act in them."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk.assertions import Template

Templates = dict[str, Template]
NARROWED = {
    "lambda.amazonaws.com",
    "sagemaker.amazonaws.com",
    "codebuild.amazonaws.com",
    "states.amazonaws.com",
    "scheduler.amazonaws.com",
}
"""Services that AWS documents to say for whom they work. EventBridge's own role for the build does not."""


def trusts(templates: Templates) -> list[dict[str, Any]]:
    """Of all roles but that of the function with which CDK empties a bucket, which it makes whole."""
    return [
        statement
        for template in templates.values()
        for name, role in template.find_resources("AWS::IAM::Role").items()
        if not name.startswith("CustomS3AutoDeleteObjects")
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_every_service_says_for_whom_it_takes_a_role(request: pytest.FixtureRequest, size: str) -> None:
    seen = set()
    for statement in trusts(request.getfixturevalue(size)):
        service = statement["Principal"]["Service"]
        if service in NARROWED:
            seen.add(service)
            assert "aws:SourceAccount" in statement["Condition"]["StringEquals"], service
    assert seen == NARROWED - ({"codebuild.amazonaws.com"} if size == "smallest" else set())


def test_codebuild_and_step_functions_say_for_which_resource(fullest: Templates) -> None:
    for statement in trusts(fullest):
        service = statement["Principal"]["Service"]
        if service in ("codebuild.amazonaws.com", "states.amazonaws.com"):
            arn = str(statement["Condition"]["ArnLike"]["aws:SourceArn"])
            assert (":project/scones-test-" if service.startswith("codebuild") else ":stateMachine:*") in arn
