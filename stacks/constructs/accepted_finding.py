"""A finding of the policy that is accepted, with the reason, where it arises."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def accept(where: IConstruct, finding: str, reason: str) -> None:
    """Accept `finding`, such as `AwsSolutions-S1`, on this construct and those below it."""
    Validations.of(where).acknowledge(Acknowledgment(id=finding, reason=reason))
