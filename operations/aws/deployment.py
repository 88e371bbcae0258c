"""What is deployed where: the outputs of a stage's stacks, and which AWS that is."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from botocore.exceptions import BotoCoreError, ClientError

from contracts.names import DEFAULT_STAGE, LOOPBACK_STAGE, StackPart, StageNames, complete_stages
from contracts.outputs import BATCH_MACHINE, DATA_BUCKET, ENDPOINT, IMAGE_MACHINE
from operations.aws.clients import cloudformation_client
from operations.aws.errors import OperationError, error_code
from operations.terminal import say_json, tell

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

STACKS: tuple[StackPart, ...] = ("storage", "inference", "workflow")
ON_TOP: tuple[StackPart, ...] = ("monitoring",)
"""Stacks that a stage works without."""

StageOption = Annotated[
    str | None,
    typer.Option(
        "--stage", help="Stage that is deployed.", show_default="local on AWS on loopback, else dev"
    ),
]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A stage that is there. `outputs` holds the outputs of all its stacks by key."""

    stage: str
    where: str
    """Which AWS, for people: `AWS on loopback, http://127.0.0.1:4566` or `AWS account …, region …`."""
    in_aws: bool
    """Whether it is AWS itself, with a console, and neither loopback nor an emulator."""
    outputs: Mapping[str, str]

    @property
    def names(self) -> StageNames:
        """Names of the resources that are found by them."""
        return StageNames(self.stage)

    @property
    def data_bucket(self) -> str:
        """Name of the bucket that holds images and results."""
        return self.output(DATA_BUCKET)

    @property
    def state_machine(self) -> str:
        """ARN of the machine that classifies one image."""
        return self.output(IMAGE_MACHINE)

    @property
    def batch_state_machine(self) -> str:
        """ARN of the machine that classifies many images."""
        return self.output(BATCH_MACHINE)

    @property
    def endpoint_name(self) -> str:
        """Name of the endpoint, for InvokeEndpoint."""
        return self.output(ENDPOINT)

    def output(self, name: str) -> str:
        """An output of any of the stacks; raises OperationError where the stage was deployed without it."""
        if name not in self.outputs:
            raise OperationError(
                f"Stage {self.stage} in {self.where} has no output {name}: another version deployed it, "
                f"or not to its end. Deploy it again: {deploy_command(self.stage)}"
            )
        return self.outputs[name]

    def __str__(self) -> str:
        return f"{self.where}, stage {self.stage}"


def find_deployment(
    stage: str | None = None, cloudformation: CloudFormationClient | None = None
) -> Deployment:
    """The stage of this name, or the usual one where the client leads to.

    Raises OperationError when it is not deployed; what AWS refuses passes through as botocore raises it.
    """
    client = cloudformation or cloudformation_client()
    url = client.meta.endpoint_url
    stage = stage or usual_stage(url)
    outputs: dict[str, str] = {}
    account = ""
    names = StageNames(stage)
    for part in STACKS:
        stack = _stack(client, names.stack(part), stage)
        account = _account(stack.get("StackId", ""))
        outputs |= _outputs(stack)
    for part in ON_TOP:
        if found := described_stack(client, names.stack(part)):
            outputs |= _outputs(found)
    where = _where(url, account, client.meta.region_name)
    return Deployment(stage=stage, where=where, in_aws=_is_aws(url), outputs=outputs)


def usual_stage(url: str) -> str:
    """The stage that is meant where none is named, by where a client leads to."""
    return LOOPBACK_STAGE if is_loopback(url) else DEFAULT_STAGE


def print_deployment(deployment: Deployment) -> None:
    """Say on standard error, which no program reads, where the verb works."""
    tell(deployment, dim=True)


def print_json(deployment: Deployment, fields: Mapping[str, Any]) -> None:
    """What a verb found, for a program, after which AWS and stage it found it in."""
    say_json({"where": deployment.where, "stage": deployment.stage, **fields})


def deploy_command(stage: str) -> str:
    """The command that deploys a stage."""
    return f"npx cdk deploy --all -c stage={stage}"


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else ""


def _stack(client: CloudFormationClient, name: str, stage: str) -> StackTypeDef:
    stack = described_stack(client, name)
    if stack is None:
        raise OperationError(_not_deployed(client, name, stage))
    if not stack.get("Outputs"):
        raise OperationError(
            f"The stack {name} is {stack['StackStatus']} and has no outputs. "
            f"Wait until it is complete, or deploy it again: {deploy_command(stage)}"
        )
    return stack


def described_stack(client: CloudFormationClient, name: str) -> StackTypeDef | None:
    """The stack of this name; None where there is none."""
    try:
        stacks = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error_code(error) != "ValidationError":
            raise
        return None
    return stacks[0] if stacks and stacks[0]["StackStatus"] != "DELETE_COMPLETE" else None


def _outputs(stack: StackTypeDef) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}


def _not_deployed(client: CloudFormationClient, name: str, stage: str) -> str:
    url = client.meta.endpoint_url
    others = [other for other in _stages(client) if other != stage]
    instead = f" Deployed here: {', '.join(others)} (--stage NAME)." if others else ""
    where = _where(url, "", client.meta.region_name)
    return (
        f"Stage {stage} is not deployed in {where}: there is no stack {name}.{instead} "
        f"Deploy it: {deploy_command(stage)}"
    )


def _stages(client: CloudFormationClient) -> list[str]:
    """Stages that have all their stacks; none where they may not be listed."""
    names: set[str] = set()
    with suppress(ClientError, BotoCoreError):
        for page in client.get_paginator("describe_stacks").paginate():
            names |= {stack["StackName"] for stack in page["Stacks"]}
    return complete_stages(names, STACKS)


def _where(url: str, account: str, region: str) -> str:
    if is_loopback(url):
        return f"AWS on loopback, {url}"
    if not _is_aws(url):
        return f"AWS at {url}"
    return f"AWS account {account}, {region}" if account else f"AWS, {region}"


def _is_aws(url: str) -> bool:
    return (urlsplit(url).hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
