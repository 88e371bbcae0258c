"""Synthesis refuses what the policy forbids, and the product passes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import Stack, Validations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

import app as application
from stacks.artifact import ModelArtifact
from stacks.policy import add_policy
from stacks.settings import parse_settings
from tests.template.conftest import CONTEXT, FULLEST, SMALLEST, new_app

PROJECT = Path(application.__file__).parent


def run_app(artifact: Path, out: Path, stage: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python app.py` as the CDK CLI runs it: context and folder come by the environment."""
    context = {**CONTEXT, "stage": stage, "model_artifact": str(artifact)}
    variables = {"CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(out), **environment}
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=PROJECT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def findings(folder: Path) -> set[str]:
    """The rules that the report in the assembly names."""
    report = json.loads((folder / "validation-report.json").read_text())
    return {
        violation["ruleName"].partition("[")[0]
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
    }


ANSWERS_ONLY = {
    "endpoint": {**SMALLEST["endpoint"], "capture_input": False},
    "workflow": {"inbox": {"mode": "single"}},
}


@pytest.mark.parametrize("given", [SMALLEST, FULLEST, ANSWERS_ONLY])
def test_no_finding_is_left_unacknowledged_and_none_is_without_a_reason(
    artifact: ModelArtifact, tmp_path: Path, given: dict[str, object]
) -> None:
    settings = parse_settings("test", dict(given))
    app = application.build(new_app(tmp_path), settings, artifact)
    own_key, captured = settings.customer_managed_key, settings.endpoint.capture_input
    add_policy(app, own_key=own_key, captured_input=captured).synth()
    reasons = [
        reason
        for construct in app.node.find_all()
        for entry in construct.node.metadata
        if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY
        for reason in entry.data.values()
    ]
    assert len(reasons) > 10
    assert all(len(reason) > 20 for reason in reasons)


def test_a_bucket_and_an_endpoint_against_the_rules_are_refused(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    stack = Stack(app, "careless")
    s3.Bucket(stack, "Open")
    sagemaker.CfnModel(stack, "Model", model_name="x", execution_role_arn="arn:aws:iam::123456789012:role/x")
    variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(variant_name="A", model_name="x")
    config = sagemaker.CfnEndpointConfig(stack, "Config", production_variants=[variant])
    sagemaker.CfnEndpoint(stack, "Endpoint", endpoint_config_name=config.attr_endpoint_config_name)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        add_policy(app, own_key=True, captured_input=True).synth()
    assert findings(tmp_path) >= {
        "AwsSolutions-S1",
        "AwsSolutions-S10",
        "MODEL_HAS_NO_NETWORK",
        "ENDPOINT_CAPTURES_DATA",
        "REQUESTS_ARE_CAPTURED",
        "VARIANT_NAMES_ITS_INSTANCES",
        "IMMUTABLE_RESOURCES_ARE_UNNAMED",
        "ENDPOINT_UPDATE_ROLLS_BACK",
        "ENDPOINT_USES_THE_KEY",
    }
