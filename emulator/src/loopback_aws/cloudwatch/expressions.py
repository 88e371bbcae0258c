"""Metric math: an expression over metrics, checked when an alarm is made and evaluated period by period.

Known are numbers, names of metrics, `+ - * /`, comparisons, `AND` and `OR`, parentheses, `IF`, `FILL`,
`SUM([…])` and `MAX([…])`, as AWS documents them for metric math; anything else is refused with an error
that names it. A value is a series: one number, or None for no data, a period; a number has the same one in
each.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Series = Sequence[float | None]
FUNCTIONS = ("FILL", "IF", "MAX", "SUM")
_TOKEN = re.compile(
    r"(?P<name>[A-Za-z_]\w*)(?P<call>\s*\()?|&&|\|\||\"[^\"]*\"|'[^']*'|[\d.]+(?:[eE][-+]?\d+)?|."
)
_WORDS = {"AND": "and", "OR": "or", "&&": " and ", "||": " or "}
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class ExpressionError(ValueError):
    """An expression that the local AWS does not evaluate; the text says what is not understood."""


@dataclass(frozen=True)
class Expression:
    """An expression that was checked: `names` are the metrics and expressions that it stands on."""

    text: str
    tree: ast.expr
    names: frozenset[str]

    def evaluate(self, values: Mapping[str, Series], periods: int) -> Series:
        """Its value in each of the periods."""
        return _Evaluation(values, periods).of(self.tree)


def parse(text: str) -> Expression:
    """Check an expression; ExpressionError names what it does not know."""
    try:
        tree = ast.parse(_translated(text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"The local AWS does not understand the expression {text!r}") from None
    names: set[str] = set()
    _check(tree, text, names)
    if not names:
        raise ExpressionError(f"The expression {text!r} names no metric")
    return Expression(text, tree, frozenset(names))


def _translated(text: str) -> str:
    """The expression in Python's syntax; names of metrics get a prefix, so that none is a word of Python."""

    def translate(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return _WORDS.get(found[0], found[0])
        if name.upper() in ("AND", "OR"):
            return f"{_WORDS[name.upper()]} {found['call'] or ''}"
        return f"f_{name}(" if found["call"] else f"m_{name}"

    return _TOKEN.sub(translate, " ".join(text.split()))


def _check(node: ast.expr, text: str, names: set[str]) -> None:
    """Collect the names of a tree whose every node is known; ExpressionError otherwise."""
    inner: list[ast.expr]
    match node:
        case ast.Constant(value=float() | int() as value) if not isinstance(value, bool):
            return
        case ast.Name(id=name):
            names.add(name[2:])
            return
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            inner = [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            inner = [left, right]
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            inner = [left, right]
        case ast.BoolOp(values=inner):
            pass
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            inner = _arguments(name[2:], arguments, text)
        case _:
            raise ExpressionError(
                f"The local AWS does not evaluate {_piece(node)!r} in the expression {text!r}"
            )
    for part in inner:
        _check(part, text, names)


def _arguments(function: str, arguments: list[ast.expr], text: str) -> list[ast.expr]:
    """The values that a call is made with; ExpressionError for another function or other arguments."""
    if function in ("SUM", "MAX") and (parts := _list_of(arguments)):
        return parts
    if (function, len(arguments)) in (("IF", 3), ("FILL", 2)):
        return arguments
    if function in FUNCTIONS:
        wanted = {"IF": "IF(c, a, b)", "FILL": "FILL(m, v)"}.get(function, f"{function}([a, b])")
        raise ExpressionError(f"The local AWS evaluates {wanted}, not this {function} in {text!r}")
    raise ExpressionError(
        f"The local AWS does not know the function {function} of the expression {text!r}; "
        f"it evaluates {', '.join(FUNCTIONS)}"
    )


def _piece(node: ast.expr) -> str:
    return re.sub(r"\b[fm]_(?=\w)", "", ast.unparse(node))


class _Evaluation:
    """The values of a checked tree's nodes."""

    def __init__(self, values: Mapping[str, Series], periods: int) -> None:
        self._values = values
        self._periods = periods

    def of(self, node: ast.expr) -> Series:
        """The series of a node."""
        match node:
            case ast.Constant(value=float() | int() as number):
                return [float(number)] * self._periods
            case ast.Name(id=name):
                return self._values[name[2:]]
            case ast.UnaryOp(op=op, operand=operand):
                sign = -1.0 if isinstance(op, ast.USub) else 1.0
                return _where_all(lambda value: sign * value, [self.of(operand)])
            case ast.BinOp(left=left, op=op, right=right):
                return _where_all(_ARITHMETIC[type(op)], [self.of(left), self.of(right)])
            case ast.Compare(left=left, ops=[comparison], comparators=[right]):
                return _where_all(_COMPARISONS[type(comparison)], [self.of(left), self.of(right)])
            case ast.BoolOp(op=joint, values=parts):
                join = all if isinstance(joint, ast.And) else any
                return _where_all(lambda *sides: join(sides), [self.of(part) for part in parts])
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name[2:], arguments)
        raise AssertionError(ast.dump(node))

    def _call(self, function: str, arguments: list[ast.expr]) -> Series:
        if function in ("SUM", "MAX"):
            parts = [self.of(part) for part in _list_of(arguments)]
            return _where_any(sum if function == "SUM" else max, parts)
        series = [self.of(argument) for argument in arguments]
        if function == "FILL":
            return [fill if value is None else value for value, fill in zip(*series, strict=True)]
        return [None if c is None else a if c else b for c, a, b in zip(*series, strict=True)]


def _where_all(act: Callable[..., float], sides: Sequence[Series]) -> Series:
    """`act` in each period in which all sides have data; none either where it divides by zero."""

    def one(row: tuple[float | None, ...]) -> float | None:
        try:
            return None if None in row else float(act(*row))
        except (ZeroDivisionError, OverflowError):
            return None

    return [one(row) for row in zip(*sides, strict=True)]


def _where_any(join: Callable[[list[float]], float], sides: Sequence[Series]) -> Series:
    """`join` of what has data, in each period in which anything has."""
    rows = ([side for side in row if side is not None] for row in zip(*sides, strict=True))
    return [float(join(row)) if row else None for row in rows]


def _list_of(arguments: list[ast.expr]) -> list[ast.expr]:
    """The elements of the list that is the only argument; empty when that is none."""
    return arguments[0].elts if len(arguments) == 1 and isinstance(arguments[0], ast.List) else []
