"""Parts of the JSONata expressions that make messages."""

from __future__ import annotations

import json

from contracts.consoles import CONSOLES

MAX_SUBJECT = 99
"""SNS takes less than 100 characters, printable ASCII only."""

CONSOLE = f"""
  $region := $split($execution.Id, ":")[3];
  $host := $lookup({json.dumps(CONSOLES)}, $split($execution.Id, ":")[1]);
  $console := "https://" & $region & "." & $host & "/states/home?region=" & $region
    & "#/v2/executions/details/" & $execution.Id;
"""
"""Binds `$console`, the page of `$execution`."""


def expression(bindings: str, result: str) -> str:
    """`result`, after `bindings` that it may use, as a state's field takes it."""
    return f"{{% ({bindings}  {result}\n) %}}"


def subject_line(bindings: str, line: str) -> str:
    """What `line` gives, cut and cleaned to what SNS takes as a subject."""
    return expression(bindings, f'$substring($replace({line}, /[^ -~]/, "?"), 0, {MAX_SUBJECT})')
