"""All checks of a definition, in the order in which AWS reports."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from loopback_aws.states.definitions.advice import advice
from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.distributed import distribution_problems
from loopback_aws.states.definitions.document import read
from loopback_aws.states.definitions.expressions import expression_problems
from loopback_aws.states.definitions.interpretation import interpretation_problems
from loopback_aws.states.definitions.names import label_problems, name_problems
from loopback_aws.states.definitions.resources import resource_problems
from loopback_aws.states.definitions.scopes import Scope, scopes
from loopback_aws.states.definitions.state_fields import scope_problems
from loopback_aws.states.definitions.transitions import transition_problems
from loopback_aws.states.records import Type


@lru_cache(maxsize=32)
def diagnose(text: str, machine_type: Type) -> tuple[Diagnostic, ...]:
    """Every problem that AWS finds in a definition; if there is none, what the local AWS cannot run of it.

    Kept for a while, as a template's definition is checked once more when the machine is updated.
    """
    found = tuple(problems(text, machine_type))
    if any(problem.severity == "ERROR" for problem in found):
        return found
    return found + tuple(interpretation_problems(text))


def problems(text: str, machine_type: Type) -> Iterator[Diagnostic]:
    """What is found without the interpreter."""
    document = read(text)
    if isinstance(document, Diagnostic):
        yield document
        return
    try:
        yield from _document_problems(document, machine_type)
    except RecursionError:
        yield Diagnostic(code="TOO_DEEPLY_NESTED", message="States are too deeply nested", location=None)


def _document_problems(document: dict[str, Any], machine_type: Type) -> list[Diagnostic]:
    """Schema first; the graph only when the schema is sound, as fields are then what they seem."""
    every = list(scopes(document, machine_type))
    found = _schema(every)
    if not found:
        found = [problem for scope in every for problem in transition_problems(scope)]
    return found + [warning for scope in every for warning in advice(scope)]


def _schema(every: list[Scope]) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for scope in every:
        found += scope_problems(scope)
    if not found:  # the following read fields without looking at their types
        found += name_problems(every)
        found += label_problems(every)
        for scope in every:
            found += [*distribution_problems(scope), *resource_problems(scope), *expression_problems(scope)]
    return found
