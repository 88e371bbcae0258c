"""`scones preflight`: whether a deployment can succeed, before it is begun."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contracts.names import StageNames
from operations.aws.accounts import Account
from operations.aws.clients import cloudformation_client
from operations.aws.deployment import StageOption, usual_stage
from operations.readiness.findings import Finding, look
from operations.readiness.planned import read_plan
from operations.terminal import Cell, Column, progress_console, say_json, say_table

EPILOG = """
Examples:
After the templates were written, before they are deployed:
  make synth STAGE=prod
  scones preflight --stage prod

Exit code:
0: nothing is in the way; warnings may be. 1: a deployment would fail, the reason is told. 2: not possible as
asked.
"""
COLOURS = {"ok": "green", "warning": "yellow", "problem": "red", "unknown": "yellow"}
COLUMNS = (Column("CHECK"), Column(""), Column("", long=True))


def preflight_command(
    stage: StageOption = None,
    templates: Annotated[Path, typer.Option("--templates", help="Folder that cdk synth wrote to.")] = Path(
        "cdk.out"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at what a deployment needs: credentials, bootstrap, quotas, who is told, what builds the image.

    It reads the templates of the stage and changes nothing. An update of the endpoint runs the fleet twice.
    """
    stage = stage or usual_stage(cloudformation_client().meta.endpoint_url)
    plan = read_plan(templates, StageNames(stage))
    with progress_console().status("looking"):
        findings = list(look(Account(), plan))
    if as_json:
        say_json({"stage": stage, "findings": [finding._asdict() for finding in findings]})
    else:
        say_table(COLUMNS, [_row(finding) for finding in findings])
    if any(finding.verdict == "problem" for finding in findings):
        raise typer.Exit(1)


def _row(finding: Finding) -> tuple[str, Cell, str]:
    return finding.subject, Cell(finding.verdict, COLOURS[finding.verdict]), finding.text
