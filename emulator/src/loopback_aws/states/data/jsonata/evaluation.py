"""JSONata expressions of state machines, evaluated by jsonata-python with bound variables.

AWS implements JSONata 2.0.6 without `$eval` and with six functions of its own, see
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html. An expression is parsed once and
kept; what it refers to is bound to each evaluation, never pasted into its text. Evaluations share nothing
that they change, so any number of threads may run any expression.
"""

from __future__ import annotations

import functools
import json
import math
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jsonata import JException, Jsonata, Parser, Utils

from loopback_aws.states.data.jsonata.functions import LIBRARY, MEMORY
from loopback_aws.states.data.jsonata.values import NULL, LimitError, is_callable, refuse, text_of

EXPRESSIONS = 4096
"""Parsed expressions that are kept."""
SECONDS = 10.0
"""Longest evaluation. AWS's is not documented; jsonata-python is far slower than AWS's engine."""
DEPTH = 100
"""Deepest nesting of an evaluation; not documented, users of AWS report 100."""
SEQUENCE = 873_782
"""Most numbers of `[a..b]`; AWS bounds memory and documents no number, users report this one."""
THREW = "threw an error during evaluation"
UNDEFINED = object()
"""What an expression that selects nothing evaluates to."""
_ARRAYS = {
    "a": "arrays", "b": "booleans", "f": "functions", "n": "numbers", "o": "objects", "s": "strings"
}  # fmt: skip

_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
"""Both halves of a character beyond 16 bits, which jsonata-python would leave apart."""
_ELSEWHERE = {"D1002": "expected", "D3100": "location"}
"""Where jsonata-python leaves the value that the message is about."""


class EvaluationError(Exception):
    """An expression cannot be evaluated. The text says what it did: "threw an error during evaluation…"."""


class UnsupportedResultError(Exception):
    """An expression evaluates to what is no JSON: a function."""


@dataclass(frozen=True)
class Parsed:
    """An expression's tree, and what it may look up."""

    tree: Parser.Symbol
    names: frozenset[str]
    """Variables, without the dollar."""
    states: frozenset[str]
    """Members of `$states`; empty when it takes `$states` as a whole."""


class _Evaluation(Jsonata):
    """One evaluation: the parts of jsonata-python that differ from JSONata, and its limits."""

    def __init__(self, parsed: Parsed) -> None:
        # The base class would parse. Its state of an evaluation is what is set here.
        self.parser = Jsonata.get_parser()
        self.ast = parsed.tree
        self.errors = None
        self.environment = LIBRARY
        self.input = None
        self.timestamp = round(time.time() * 1000)
        self.depth = 0
        self.steps = 0
        self.end = time.monotonic() + SECONDS

    def get_per_thread_instance(self) -> _Evaluation:
        return self

    def eval(self, expr: Any, input: Any, environment: Any) -> Any:
        self.depth += 1
        self.steps += 1
        if self.depth > DEPTH:
            raise LimitError(
                "Stack overflow error: Check for non-terminating recursive function. "
                "Consider rewriting as tail-recursive."
            )
        if self.steps % 64 == 0 and time.monotonic() > self.end:
            raise LimitError("Expression evaluation timeout: Check for infinite loop")
        try:
            return super().eval(expr, input, environment)
        finally:
            self.depth -= 1

    def evaluate_numeric_expression(self, lhs: Any, rhs: Any, op: Any) -> Any:
        if op in ("/", "%") and Utils.is_numeric(lhs) and Utils.is_numeric(rhs):
            if rhs == 0:
                raise refuse("D1001", "Infinity" if op == "/" and lhs else "NaN")
            if op == "%":
                return Utils.convert_number(math.fmod(lhs, rhs))
        return super().evaluate_numeric_expression(lhs, rhs, op)

    def evaluate_range_expression(self, lhs: Any, rhs: Any) -> Any:
        first, last = (int(n) if isinstance(n, float) and n.is_integer() else n for n in (lhs, rhs))
        if type(first) is int and type(last) is int and last - first >= SEQUENCE:
            raise LimitError(MEMORY)
        return super().evaluate_range_expression(first, last)

    def evaluate_includes_expression(self, lhs: Any, rhs: Any) -> bool:
        if lhs is None or rhs is None:
            return False
        return any(Utils.is_deep_equal(lhs, item) for item in (rhs if isinstance(rhs, list) else [rhs]))

    def evaluate_string_concat(self, lhs: Any, rhs: Any) -> str:
        text: Callable[..., Any] = LIBRARY.lookup("string").method
        return (text(lhs, None) or "") + (text(rhs, None) or "")

    def evaluate_group_expression(self, expr: Any, input: Any, environment: Any) -> Any:
        # The base class would append to an empty list, which may be a variable's value.
        given = Utils.create_sequence() if isinstance(input, list) and not input else input
        return super().evaluate_group_expression(expr, given, environment)


@functools.lru_cache(EXPRESSIONS)
def parse(expression: str) -> Parsed:
    """The expression's tree; raises EvaluationError for what is no JSONata."""
    try:
        tree = Jsonata(_PAIR.sub(lambda pair: json.loads(f'"{pair[0]}"'), expression)).ast
    except JException as error:
        raise EvaluationError(f"{THREW}. {message(error)}") from None
    except (RecursionError, ValueError, re.error, AttributeError, TypeError, IndexError) as error:
        raise EvaluationError(f"{THREW}: {error}") from None
    members = re.findall(r"\$states\b(?:\.(\w+))?", expression)
    return Parsed(
        tree=tree,
        names=frozenset(re.findall(r"\$([A-Za-z_]\w*)", expression)),
        states=frozenset(members) if all(members) else frozenset(),
    )


def evaluate(expression: str, look_up: Callable[[str], Any]) -> Any:
    """The JSON value of an expression, UNDEFINED when it has none.

    `look_up` gives the value of a variable by its name, as `bound` makes it, and None when there is no such
    variable. Values may be shared between evaluations: none is changed, and nothing of one is in the result.
    Raises EvaluationError and UnsupportedResultError.
    """
    parsed = parse(expression)
    frame = Jsonata.Frame(LIBRARY)
    for name in parsed.names:
        if (value := look_up(name)) is not None:
            frame.bind(name, value)
    evaluation = _Evaluation(parsed)
    current = vars(Jsonata.CURRENT)
    before = current.get("jsonata")
    current["jsonata"] = evaluation
    try:
        result = evaluation.eval(parsed.tree, None, frame)
        return UNDEFINED if result is None else as_json(result)
    except JException as error:
        raise EvaluationError(f"{THREW}. {message(error)}") from None
    except LimitError as error:
        raise EvaluationError(f"{THREW}: {error}") from None
    except RecursionError:
        raise EvaluationError(f"{THREW}: Stack overflow error: the value is nested too deeply") from None
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
        raise EvaluationError(f"threw an internal error during evaluation. {uuid.uuid4()}") from None
    finally:
        current["jsonata"] = before


def as_json(value: Any) -> Any:
    """A copy of an evaluation's value in plain JSON types, whole numbers as integers."""
    if value is None or value is NULL:
        return None
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**21 else float(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise refuse("D1001", str(value))
        return int(value) if value.is_integer() and abs(value) < 10**21 else value
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    raise UnsupportedResultError


def message(error: JException) -> str:
    """Code and message as jsonata-js words them; jsonata-python leaves names and words out."""
    template = JException.error_codes.get(error.error)
    if template is None:
        return str(error.error)
    values = [error.current, error.expected, error.extra]
    if error.error == "T0412":
        values[2] = _ARRAYS.get(str(error.extra), error.extra)
    elif error.error in _ELSEWHERE:
        values[0] = getattr(error, _ELSEWHERE[error.error])
    given = iter(values)

    def put(found: re.Match[str]) -> str:
        value = next(given, None)
        if found[0].startswith("{{{") or found[0] == "{{index}}":
            return str(value)
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=False)
        return "function" if is_callable(value) else text_of(value)

    text = re.sub(r"\{\{\{\w+\}\}\}|\{\{\w+\}\}", put, re.sub(r"\bObject\b", "function", template))
    return f"{error.error}: {text}"
