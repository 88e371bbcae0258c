"""What synthesis itself enforces: cdk-nag's AwsSolutions, and rules of our own on endpoints."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import App, CloudFormationValidatePlugin, ValidationRuleSource, Validations
from cdk_nag import AwsSolutionsChecks

from stacks.settings import StageSettings

RULES = Path(__file__).parent / "guard"


def add_policy(app: App, settings: StageSettings) -> App:
    """Stop synthesis on any finding that is not acknowledged with a reason."""
    names = ["endpoints"]
    names += ["encryption"] if settings.customer_managed_key else []
    names += ["captured_input"] if settings.endpoint.capture_input else []
    rules = [
        ValidationRuleSource(name=name, content=(RULES / f"{name}.guard").read_text(encoding="utf-8"))
        for name in names
    ]
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), CloudFormationValidatePlugin(guard_rules=rules))
    return app
