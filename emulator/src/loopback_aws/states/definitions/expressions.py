"""JSONata expressions: that they can be parsed, and name nothing that Step Functions does not give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonata
from jsonata.jexception import JException

from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.scopes import Scope
from loopback_aws.states.definitions.shapes import is_expression

INVALID = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED = "UNSUPPORTED_JSONATA_EXPRESSION"
_NOT_EVALUATED = ("Comment", "Branches", "ItemProcessor", "Iterator")
_WORDING = {
    "S0202": 'Expected "{current}", got "{expected}"',
    "S0211": 'The symbol "{current}" cannot be used as a unary operator',
}
"""By code of the parser: messages of JSONata that jsonata-python gives without quotation marks."""


def expression_problems(scope: Scope) -> Iterator[Diagnostic]:
    """Problems of all expressions of the JSONata states directly in a scope."""
    for state in scope.states:
        if state.language == "JSONata" and isinstance(state.fields, dict):
            for name, value in state.fields.items():
                if name not in _NOT_EVALUATED:
                    yield from _problems(value, f"{state.path}/{name}", caught=name == "Catch")


def _problems(node: Any, location: str, *, caught: bool) -> Iterator[Diagnostic]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _problems(value, f"{location}/{name}", caught=caught)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _problems(value, f"{location}[{index}]", caught=caught)
    elif is_expression(node):
        yield from _expression(node[2:-2].strip(), location, caught=caught)


def _expression(text: str, location: str, *, caught: bool) -> Iterator[Diagnostic]:
    try:
        tree = jsonata.Jsonata.jsonata(text).ast
    except JException as error:
        yield Diagnostic(code=INVALID, message=_words(error), location=location)
        return
    except RecursionError:
        yield Diagnostic(code=INVALID, message="The expression is too deeply nested", location=location)
        return
    for name in dict.fromkeys(_references(tree)):
        yield Diagnostic(
            code=UNSUPPORTED,
            message=f"Reference to '{name}' at the top level is not supported.",
            location=location,
        )
    names = [name for node in nodes(tree) for name in _variables(node)]
    if "$$" in names:
        yield Diagnostic(code=INVALID, message="Reference to '$$' is not supported.", location=location)
    if "$states.errorOutput" in names and not caught:
        yield Diagnostic(
            code=UNSUPPORTED, message="'$states.errorOutput' is only available in Catch.", location=location
        )


def _words(error: JException) -> str:
    if wording := _WORDING.get(str(error.error)):
        return wording.format(current=error.current, expected=error.expected)
    return str(error)


def _references(node: Any) -> Iterator[str]:
    """Names that are looked up in the context item of the whole expression, which there is none of.

    Not followed into functions and into what a path does with its items: these have a context.
    """
    if node is None:
        return
    if node.type == "path":
        first = node.steps[0]
        yield from [first.value] if first.type == "name" else _references(first)
    elif node.type in ("binary", "apply"):
        yield from _references(node.lhs)
        yield from _references(node.rhs)
    elif node.type == "bind":
        yield from _references(node.rhs)
    elif node.type == "condition":
        for part in (node.condition, node.then, node._else):
            yield from _references(part)
    elif node.type == "block" or (node.type == "unary" and node.value == "["):
        for part in node.expressions or ():
            yield from _references(part)
    elif node.type == "unary" and node.value == "-":
        yield from _references(node.expression)
    elif node.type == "unary":
        for part in (part for pair in node.lhs_object or () for part in pair):
            yield from _references(part)
    elif node.type in ("function", "partial"):
        for part in node.arguments or ():
            yield from _references(part)


def nodes(tree: Any) -> Iterator[Any]:
    """Every node of a syntax tree, once."""
    waiting, seen = [tree], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, (list, tuple)):
            waiting.extend(node)
        elif hasattr(node, "lhs_object") and id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting.extend(value for name, value in vars(node).items() if name != "_outer_instance")


def _variables(node: Any) -> Iterator[str]:
    """The variables that matter here: `$$`, and `$states` with the name that follows it."""
    if node.type == "variable" and node.value == "$":
        yield "$$"
    if node.type == "path" and len(node.steps) > 1:
        first, second = node.steps[:2]
        if (first.type, first.value, second.type) == ("variable", "states", "name"):
            yield f"$states.{second.value}"
