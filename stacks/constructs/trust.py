"""Which services may take on a role, and on whose behalf: never on that of another account."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct


def service(scope: Construct, name: str, source_arn: str | None = None) -> iam.ServicePrincipal:
    """The service `name` while it works for this account, and for `source_arn` where it says for what."""
    return iam.ServicePrincipal(name, conditions=_conditions(scope, source_arn))


def narrow(role: iam.IRole, source_arn: str | None = None) -> None:
    """The same for a role that CDK has made, whose only statement of trust has no condition."""
    resource = role.node.default_child
    assert isinstance(resource, iam.CfnRole)
    resource.add_property_override(
        "AssumeRolePolicyDocument.Statement.0.Condition",
        Stack.of(role).resolve(_conditions(role, source_arn)),
    )


def _conditions(scope: Any, source_arn: str | None) -> dict[str, dict[str, str]]:
    account = {"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}}
    return account | ({"ArnLike": {"aws:SourceArn": source_arn}} if source_arn else {})
