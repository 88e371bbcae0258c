"""Deploy the app to the loopback AWS with the project's pinned CDK command line, as a person would."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demo.processes import run

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

CDK = ("npx", "--no-install", "cdk")


@dataclass(frozen=True)
class Deployment:
    """Names of the stacks, the seconds that `cdk deploy` took, and all outputs of the stacks by key."""

    stacks: list[str]
    seconds: float
    outputs: dict[str, str]


def deploy(
    cloudformation: CloudFormationClient, environment: Mapping[str, str], artifact: Path, assembly: Path
) -> Deployment:
    """`cdk bootstrap`, then `cdk deploy --all -c stage=local` with the model at `artifact`."""
    context = ("-c", "stage=local", "-c", f"model_artifact={artifact}", "--output", str(assembly))
    run([*CDK, "bootstrap", *context], environment)
    started = time.monotonic()
    run([*CDK, "deploy", "--all", "--require-approval", "never", *context], environment)
    seconds = time.monotonic() - started
    stacks = [s for s in cloudformation.describe_stacks()["Stacks"] if s["StackName"] != "CDKToolkit"]
    outputs = {
        output["OutputKey"]: output["OutputValue"] for stack in stacks for output in stack.get("Outputs", [])
    }
    return Deployment(sorted(stack["StackName"] for stack in stacks), seconds, outputs)
