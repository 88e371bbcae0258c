"""Where people find what to do: docs/operations.md, published or as it was when the stage was deployed."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from contracts.names import LOOPBACK_ACCOUNT, StageNames
from stacks.constructs.console import console_url
from stacks.constructs.source_code import PROJECT, RUNBOOK


@dataclass(frozen=True)
class Runbook:
    """`address`: for people, of the whole; `anchors`: whether an address of a section can be made of it.
    `names`: of the stage whose alarms have their sections there."""

    names: StageNames
    address: str
    anchors: bool

    def __str__(self) -> str:
        return self.address

    def section(self, heading: str) -> str:
        """Where a section of the runbook is."""
        if not self.anchors:
            return f"section {heading} of {self.address}"
        return f"{self.address}#{heading.lower().replace(' ', '-')}"


def find_runbook(
    scope: Construct, names: StageNames, published: str | None, *, account: str | None
) -> Runbook:
    """Where it is `published`, else the file among the stage's assets, which the console shows: it is there
    from the first deployment on. On loopback, where is no console, the checkout's.
    """
    if published:
        return Runbook(names, published, anchors=True)
    if account == LOOPBACK_ACCOUNT:
        return Runbook(names, RUNBOOK, anchors=True)
    file = s3_assets.Asset(scope, "Runbook", path=str(PROJECT / RUNBOOK))
    place = f"{file.s3_bucket_name}?region={Stack.of(scope).region}&prefix={file.s3_object_key}"
    return Runbook(names, f"{console_url(scope)}/s3/object/{place}", anchors=False)
