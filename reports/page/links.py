"""Addresses that the page links to, and command lines where there is no address."""

from __future__ import annotations

import re

from contracts.consoles import CONSOLES
from contracts.names import LOOPBACK_ACCOUNT

EXECUTION = re.compile(
    r"arn:(aws[a-z-]*):states:([a-z0-9-]+):(\d{12}):execution:([A-Za-z0-9_-]+):([^\s'\"<>/?#&]+)"
)


def web_address(text: object) -> str | None:
    """An address that may be linked to: http or https, None for anything else (`javascript:` and so on)."""
    return text if isinstance(text, str) and re.match(r"https?://[^\s]+$", text) else None


def section_address(runbook: str | None, section: str) -> str:
    """A section of the runbook where that is published, else of the one in the page."""
    return f"{runbook.partition('#')[0]}#{section}" if runbook else f"#{runbook_anchor(section)}"


def runbook_anchor(section: str) -> str:
    """The id of a section of the runbook that is in the page."""
    return f"runbook-{section}"


def console_address(arn: str) -> str | None:
    """The execution's page in the console; None when no console can have it."""
    parts = EXECUTION.fullmatch(arn)
    if not parts or parts[3] == LOOPBACK_ACCOUNT or parts[1] not in CONSOLES:
        return None
    region = parts[2]
    host = f"{region}.{CONSOLES[parts[1]]}"
    return f"https://{host}/states/home?region={region}#/v2/executions/details/{arn}"


def command_line(arn: str) -> str | None:
    """What shows the execution in a shell; None when the ARN is not one."""
    if not EXECUTION.fullmatch(arn):
        return None
    return f"aws stepfunctions describe-execution --execution-arn '{arn}'"
