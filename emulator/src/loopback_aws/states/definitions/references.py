"""Variables that the states of a definition read, as DescribeStateMachine tells them.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonata

from loopback_aws.states.definitions.expressions import nodes
from loopback_aws.states.definitions.paths import QUOTED, is_function
from loopback_aws.states.definitions.scopes import PROCESSORS, State, scopes
from loopback_aws.states.definitions.shapes import is_expression

_LEFT_OUT = ("Branches", *PROCESSORS, "Result")
"""Fields whose states are told of by themselves, and one that is not evaluated."""
_VARIABLE = re.compile(r"(?<![\w$])\$([A-Za-z_]\w*)")


def variable_references(definition: str) -> dict[str, list[str]]:
    """State name -> the variables that it reads, in order of name, without states that read none.

    Empty for what is no definition.
    """
    try:
        machine = json.loads(definition)
        found = {state.name: _read(state) for scope in scopes(machine, "STANDARD") for state in scope.states}
    except Exception:  # noqa: BLE001 - what was made before a check refused it is described all the same
        return {}
    return {name: sorted(variables) for name, variables in found.items() if variables}


def _read(state: State) -> set[str]:
    fields = {name: value for name, value in state.fields.items() if name not in _LEFT_OUT}
    evaluated = _in_expressions if state.language == "JSONata" else _in_paths
    return set(evaluated(fields))


def _in_paths(node: Any) -> Iterator[str]:
    """Variables in what JSONPath evaluates: `name.$` of templates, `namePath`, and a rule's Variable."""
    if isinstance(node, dict):
        for name, value in node.items():
            is_path = name.endswith(".$") or name == "Variable" or name.endswith("Path")
            if not isinstance(value, str):
                yield from _in_paths(value)
            elif is_path and name != "ResultPath" and (value.startswith("$") or is_function(value)):
                yield from _VARIABLE.findall(QUOTED.sub("", value))
    elif isinstance(node, list):
        for value in node:
            yield from _in_paths(value)


def _in_expressions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _in_expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from _in_expressions(value)
    elif is_expression(node):
        yield from _in_expression(node[2:-2].strip())


def _in_expression(text: str) -> Iterator[str]:
    """Names that an expression reads and neither binds nor calls, and that are no functions of JSONata."""
    named: set[str] = set()
    others = {"", "$", "states"}
    for node in nodes(jsonata.Jsonata.jsonata(text).ast):
        if node.type == "variable":
            named.add(node.value)
        elif node.type == "bind":
            others.add(node.lhs.value)
        elif node.type == "lambda":
            others.update(argument.value for argument in node.arguments or ())
        elif node.type in ("function", "partial"):
            others.add(node.procedure.value)
    yield from (name for name in named - others if not jsonata.Jsonata.static_frame.lookup(name))
