"""Step Functions: a definition that AWS refuses, or that would not run as there, is refused when made."""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

from local.definitions import problem_of

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_sfn_definition",
    "ministack.services.stepfunctions:_validate_definition_jsonata",
)


def apply() -> None:
    """Check definitions of the API and of templates, which take different ways through the emulator."""
    validate, read = stepfunctions._validate_definition_jsonata, provisioners._sfn_definition

    def validate_definition(text: str | None) -> str | None:
        problem = problem_of(text) if text else None
        if problem:
            return f"Invalid State Machine Definition: '{problem}'"
        refused: str | None = validate(text)
        return refused

    def read_definition(properties: dict[str, Any]) -> str:
        text: str = read(properties)
        if problem := validate_definition(text):
            raise ValueError(f'Resource handler returned message: "{problem}"')
        return text

    stepfunctions._validate_definition_jsonata = validate_definition
    provisioners._sfn_definition = read_definition
