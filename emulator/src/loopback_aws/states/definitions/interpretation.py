"""What the interpreter makes of a definition that AWS would take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from loopback_aws.states.definitions.diagnostics import NOT_EMULATED, Diagnostic
from loopback_aws.states.definitions.scopes import scopes

_AWS = re.compile(r"Invalid State Machine Definition: '?([A-Z_]+): (.*?)'?$", re.DOTALL)
"""A refusal of the interpreter that is worded as AWS's."""
_RESOURCE = re.compile(r"The resource provided (\S+) not recognized")
"""Its refusal of an action that the service integration does not have."""


def interpretation_problems(text: str) -> Iterator[Diagnostic]:
    """Why it cannot be run, if so: words of AWS where the interpreter has them, else NOT_EMULATED."""
    from moto.stepfunctions.parser.asl.parse.asl_parser import ASLParserException

    from loopback_aws.states.runs.programs import parse

    try:
        parse(text)
    except ASLParserException as error:
        yield _not_emulated(f"this definition: its interpreter stops at {_first(error.errors)}")
    except Exception as error:  # noqa: BLE001 - whatever it cannot take in is named, never a server error
        if unknown := _RESOURCE.search(str(error)):
            yield Diagnostic(message=str(error), location=_place(text, unknown[1]))
        elif refused := _AWS.search(str(error)):
            yield Diagnostic(code=refused[1], message=refused[2], location=None)
        else:
            yield _not_emulated(f"this definition: {type(error).__name__}: {error}")


def _place(text: str, resource: str) -> str | None:
    """Where a definition names the resource first."""
    states = (state for scope in scopes(json.loads(text), "STANDARD") for state in scope.states)
    found = (state.path for state in states if state.fields.get("Resource") == resource)
    return next((f"{path}/Resource" for path in found), None)


def _first(errors: list[str]) -> str:
    """The first of the parser's lines, without its list of what it would have taken."""
    return errors[0].partition(" expecting ")[0] if errors else "an unknown place"


def _not_emulated(what: str) -> Diagnostic:
    return Diagnostic(code=NOT_EMULATED, message=f"the local AWS does not emulate {what}", location=None)
