"""What synthesis itself enforces: cdk-nag's AwsSolutions, and rules of our own on endpoints."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import App, CloudFormationValidatePlugin, Validations, ValidationRuleSource
from cdk_nag import AwsSolutionsChecks

ENDPOINT_RULES = Path(__file__).with_name("endpoints.guard")


def add_policy(app: App) -> App:
    """Stop synthesis on any finding that is not acknowledged with a reason."""
    rules = ValidationRuleSource(name="endpoints", content=ENDPOINT_RULES.read_text())
    Validations.of(app).add_plugins(
        AwsSolutionsChecks(app), CloudFormationValidatePlugin(guard_rules=[rules])
    )
    return app
