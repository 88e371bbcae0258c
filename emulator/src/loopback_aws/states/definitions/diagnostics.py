"""A problem of a definition, as CreateStateMachine words it and ValidateStateMachineDefinition lists it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["ERROR", "WARNING"]
SCHEMA = "SCHEMA_VALIDATION_FAILED"
NOT_EMULATED = "NOT_EMULATED"
"""Not a code of AWS: the definition is sound there, and the local AWS cannot run it."""


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One problem. `code` is one of AWS's (ValidateStateMachineDefinitionDiagnostic) or NOT_EMULATED."""

    code: str = SCHEMA
    message: str
    location: str | None
    """`/States/NAME/FIELD`; None when the problem has no place."""
    severity: Severity = "ERROR"

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {'null' if self.location is None else self.location}"

    def as_answer(self) -> dict[str, str]:
        """The API's form."""
        answer = {"severity": self.severity, "code": self.code, "message": self.message}
        return answer if self.location is None else answer | {"location": self.location}


def refusal(diagnostics: Iterable[Diagnostic]) -> str | None:
    """The message of InvalidDefinition; None when nothing is an error."""
    errors = [str(problem) for problem in diagnostics if problem.severity == "ERROR"]
    return f"Invalid State Machine Definition: '{', '.join(errors)}'" if errors else None
