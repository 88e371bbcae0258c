"""What a stack tells people and tools once it is deployed."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack


def output(stack: Stack, name: str, value: str, meaning: str) -> None:
    """An output of exactly this name; `cdk deploy` prints it."""
    CfnOutput(stack, name, value=value, description=meaning)
