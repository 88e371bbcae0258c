"""Values inside a JSONata evaluation: null, functions, and values as text."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

from jsonata import Functions, JException, Parser, Utils

NULL = Utils.NULL_VALUE
"""JSON's null inside an evaluation, where None is JSONata's undefined."""


class LimitError(Exception):
    """An evaluation needs more time, depth or memory than it may have."""


def refuse(code: str, *values: Any) -> JException:
    """The error `code` of JSONata about `values`, in the order of its template."""
    return JException(code, -1, *(*values, None, None)[:2])


def is_callable(value: Any) -> bool:
    """Whether a value of an evaluation is a function, a lambda or a regular expression."""
    return Utils.is_function(value) or isinstance(value, Parser.Symbol) or bool(Functions.is_regex(value))


def number_text(value: float) -> str:
    """A number as JSONata prints it: 15 significant digits, exponents where JavaScript has them."""
    if isinstance(value, int) and abs(value) < 10**15:
        return str(value)
    if not math.isfinite(value):
        raise refuse("D3001")
    rounded = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
    if rounded == 0:
        return "0"
    exponent = rounded.adjusted()
    if -7 < exponent < 21:
        text = format(rounded, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits = "".join(map(str, rounded.as_tuple().digits)).rstrip("0")
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{'-' if rounded < 0 else ''}{digits[0]}{fraction}e{exponent:+d}"


def text_of(value: Any, pretty: bool = False, indent: str = "\n") -> str:
    """JSON text of a value, with functions as empty strings."""
    if value is None or value is NULL:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    inner = indent + "  "
    if isinstance(value, dict):
        colon = ": " if pretty else ":"
        parts = [
            json.dumps(k, ensure_ascii=False) + colon + text_of(v, pretty, inner) for k, v in value.items()
        ]
        return _bracketed("{}", parts, pretty, indent)
    if isinstance(value, list):
        return _bracketed("[]", [text_of(item, pretty, inner) for item in value], pretty, indent)
    return '""'


def _bracketed(brackets: str, parts: list[str], pretty: bool, indent: str) -> str:
    if not pretty or not parts:
        return brackets[0] + ",".join(parts) + brackets[1]
    inner = indent + "  "
    return brackets[0] + inner + f",{inner}".join(parts) + indent + brackets[1]


def bound(value: Any) -> Any:
    """A JSON value as an evaluation takes it: with NULL for null. The value itself when it has no null."""
    if value is None:
        return NULL
    if isinstance(value, dict):
        changed = {key: new for key, item in value.items() if (new := bound(item)) is not item}
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        copy = [bound(item) for item in value]
        return copy if any(new is not old for new, old in zip(copy, value, strict=True)) else value
    return value
