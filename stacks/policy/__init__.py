"""What synthesis itself enforces: cdk-nag's AwsSolutions, and rules of our own on endpoints."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import App, CloudFormationValidatePlugin, ValidationRuleSource, Validations
from cdk_nag import AwsSolutionsChecks

RULES = Path(__file__).parent / "guard"


def add_policy(app: App, *, own_key: bool, captured_input: bool) -> App:
    """Stop synthesis on any finding that is not acknowledged with a reason.

    With the rules for stages that have a key of their own, or that capture requests too.
    """
    names = ["endpoints"]
    names += ["encryption"] if own_key else []
    names += ["captured_input"] if captured_input else []
    rules = [
        ValidationRuleSource(name=name, content=(RULES / f"{name}.guard").read_text(encoding="utf-8"))
        for name in names
    ]
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), CloudFormationValidatePlugin(guard_rules=rules))
    return app
