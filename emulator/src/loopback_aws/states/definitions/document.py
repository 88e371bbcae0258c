"""The text of a definition as JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from loopback_aws.states.definitions.diagnostics import Diagnostic


class Fields(dict[str, Any]):
    """A JSON object that remembers which of its names were given more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated: list[str] = []
        if len(self) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            self.repeated = [name for name, count in counts.items() if count > 1]


def read(text: str) -> Fields | Diagnostic:
    """The definition's object, or why it is none."""
    if not text.strip():
        return Diagnostic(code="MISSING_DESCRIPTION", message="Definition is null or empty", location=None)
    try:
        found = json.loads(text, object_pairs_hook=Fields, parse_constant=_no_constant)
    except ValueError as error:
        return _not_json(str(error))
    except RecursionError:
        return Diagnostic(code="TOO_DEEPLY_NESTED", message="States are too deeply nested", location=None)
    return found if isinstance(found, Fields) else _not_json("the definition is not a JSON object")


def _no_constant(name: str) -> None:
    """Python alone takes NaN and Infinity for JSON."""
    raise ValueError(f"Unrecognized token '{name}'")


def _not_json(message: str) -> Diagnostic:
    return Diagnostic(code="INVALID_JSON_DESCRIPTION", message=message, location=None)
