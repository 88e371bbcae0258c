"""CloudWatch's metric math and filter patterns, as far as this application's alarms and filters use them."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

_COMPARISON = re.compile(r'\$\.([\w.]+) = "([^"]*)"')
_FUNCTIONS = {
    "FILL": lambda value, other: other if value is None else value,
    "IF": lambda condition, yes, no: yes if condition else no,
}


def names(expression: str) -> set[str]:
    """Metrics and other expressions that a metric expression reads."""
    tree = ast.parse(expression, mode="eval")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - _FUNCTIONS.keys()


def compute(expression: str, values: Mapping[str, float | None]) -> float:
    """What a metric expression gives for one period; None is a metric without data in it."""
    value: float = _evaluate(expression, {**_FUNCTIONS, **values})
    return value


def matches(pattern: str, event: Mapping[str, Any]) -> bool:
    """Whether a metric filter of the form `{ $.a.b = "text*" && (… || …) }` counts the log event."""

    def compared(path: str, text: str) -> bool:
        value: Any = event
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return isinstance(value, str) and bool(re.fullmatch(re.escape(text).replace(r"\*", ".*"), value))

    python = _COMPARISON.sub(r'compared("\1", "\2")', pattern.strip("{} "))
    return bool(_evaluate(python.replace("&&", "and").replace("||", "or"), {"compared": compared}))


def _evaluate(text: str, known: Mapping[str, Any]) -> Any:
    """The value of what is an expression of Python, too."""
    return eval(text, {"__builtins__": {}}, dict(known))
