"""What fields an object of the language may and must have, by query language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.scopes import Language


@dataclass(frozen=True)
class Value:
    """A value at its place."""

    of: Any
    path: str
    language: Language

    def problem(self, message: str) -> Iterator[Diagnostic]:
        yield Diagnostic(message=message, location=self.path or "/")

    def at(self, key: str | int) -> Value:
        """What is inside it under that name, or at that index."""
        place = f"[{key}]" if isinstance(key, int) else f"/{key}"
        return Value(self.of[key], f"{self.path}{place}", self.language)

    @property
    def is_expression(self) -> bool:
        """Whether it is a JSONata expression where such ones are evaluated."""
        return self.language == "JSONata" and is_expression(self.of)


Check = Callable[[Value], Iterator[Diagnostic]]


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Fields of an object, each with the check of its value."""

    fields: Mapping[str, Check]
    """In both query languages."""
    jsonpath: Mapping[str, Check] = field(default_factory=dict)
    """In JSONPath only."""
    jsonata: Mapping[str, Check] = field(default_factory=dict)
    """In JSONata only."""
    required: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    """Groups of which at most one field may be there."""
    needs_one_of: tuple[tuple[str, ...], ...] = ()
    """Groups of which at least one field must be there."""

    def __call__(self, value: Value) -> Iterator[Diagnostic]:
        """All problems of the object: its names first, then its values."""
        if not isinstance(value.of, dict):
            yield from value.problem("Expected value of type Object")
            return
        allowed = self._allowed(value.language)
        yield from self._unsupported(value, allowed)
        yield from self._combinations(value, allowed)
        for name in value.of:
            if name in allowed:
                yield from allowed[name](value.at(name))

    def _allowed(self, language: Language) -> dict[str, Check]:
        return {**self.fields, **(self.jsonata if language == "JSONata" else self.jsonpath)}

    def _unsupported(self, value: Value, allowed: dict[str, Check]) -> Iterator[Diagnostic]:
        other: Language = "JSONPath" if value.language == "JSONata" else "JSONata"
        for name in value.of:
            if name in allowed:
                continue
            if name in self._allowed(other):
                yield from value.problem(
                    f"The QueryLanguage is set to '{value.language}', "
                    f"but field '{name}' is only supported for the '{other}' QueryLanguage"
                )
            else:
                yield from value.problem(f"Field '{name}' is not supported")

    def _combinations(self, value: Value, allowed: dict[str, Check]) -> Iterator[Diagnostic]:
        if missing := [name for name in self.required if name not in value.of]:
            yield from value.problem(f"These fields are required: [{', '.join(missing)}]")
        for group in self.one_of:
            if len(given := [name for name in group if name in value.of and name in allowed]) > 1:
                yield from value.problem(
                    f"There should only be one of the following fields: [{', '.join(sorted(given))}]"
                )
        for group in self.needs_one_of:
            names = [name for name in group if name in allowed]
            if names and not any(name in value.of for name in group):
                yield from value.problem(f"There should be one of the following fields: [{', '.join(names)}]")
