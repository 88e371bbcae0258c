"""Intrinsic functions of JSONPath states: parsed once, evaluated against input, context and variables.

moto's own grammar has no null and no fractions, and takes escapes twice.
https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

CHARACTERS = 10_000
"""Longest text that is encoded, decoded or hashed."""
ITEMS = 1_000
"""Longest array that States.ArrayRange makes."""
NESTED = 10
"""Most calls in one field."""
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_TOKEN = re.compile(
    r"\s*(?:States\.(?P<call>\w+)\s*\(|'(?P<text>(?:\\.|[^'\\])*)'|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>true|false|null)\b|(?P<path>\$(?:\[(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[^\]'\"])*\]|[^,()\[\]'\"])*)"
    r"|(?P<mark>[,)]))\s*"
)


class IntrinsicError(Exception):
    """A function refuses its arguments."""


@dataclass(frozen=True)
class Call:
    name: str
    """Without `States.`."""
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Text:
    raw: str
    """As it is written, with its escapes."""


@dataclass(frozen=True)
class Path:
    path: str


@functools.lru_cache(4096)
def parse(source: str) -> Call:
    """The call that a field's text is; ValueError when it is none."""
    call, position, calls = _call(source, 0, 0)
    if not isinstance(call, Call) or position != len(source):
        raise ValueError(f"Invalid intrinsic function: {source}")
    if calls > NESTED:
        raise ValueError(f"More than {NESTED} nested intrinsic functions: {source}")
    return call


def _call(source: str, position: int, calls: int) -> tuple[Any, int, int]:
    match = _TOKEN.match(source, position)
    if match is None or match["mark"]:
        raise ValueError(f"Invalid intrinsic function: {source}")
    if match["text"] is not None:
        return Text(match["text"]), match.end(), calls
    if match["path"]:
        return Path(match["path"].strip()), match.end(), calls
    if not match["call"]:
        return json.loads(match["number"] or match["word"]), match.end(), calls
    if match["call"] not in _FUNCTIONS:
        raise ValueError(f"Unknown intrinsic function: States.{match['call']}")
    arguments: list[Any] = []
    position, calls = match.end(), calls + 1
    end = re.compile(r"\s*\)\s*").match(source, position)
    while end is None:
        argument, position, calls = _call(source, position, calls)
        arguments.append(argument)
        mark = _TOKEN.match(source, position)
        if mark is None or not mark["mark"]:
            raise ValueError(f"Invalid intrinsic function: {source}")
        position, end = mark.end(), mark if mark["mark"] == ")" else None
    _, fewest, most = _FUNCTIONS[match["call"]]
    if len(arguments) < fewest or (most is not None and len(arguments) > most):
        raise ValueError(f"Wrong number of arguments for States.{match['call']}: {len(arguments)}")
    return Call(match["call"], tuple(arguments)), end.end(), calls


def evaluate(call: Call, look_up: Callable[[str], Any]) -> Any:
    """The call's value; `look_up` gives what a path selects. Raises IntrinsicError."""
    values = [_value(argument, look_up, call.name == "Format") for argument in call.arguments]
    if call.name == "Format" and not isinstance(call.arguments[0], Text) and isinstance(values[0], str):
        return _format(values[0], *values[1:])
    return _FUNCTIONS[call.name][0](*values)


def _value(argument: Any, look_up: Callable[[str], Any], raw: bool) -> Any:
    if isinstance(argument, Call):
        return evaluate(argument, look_up)
    if isinstance(argument, Path):
        return look_up(argument.path)
    if isinstance(argument, Text):
        return argument.raw if raw else _unescaped(argument.raw)
    return argument


def _unescaped(raw: str) -> str:
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t", "r": "\r"}.get(match[1], match[1]), raw)


def _format(template: Any, *values: Any) -> str:
    _check(isinstance(template, str), "The first argument of States.Format must be a string")
    left = iter(values)
    missing = object()

    def put(match: re.Match[str]) -> str:
        if match[0] != "{}":
            return _unescaped(match[0])
        value = next(left, missing)
        _check(value is not missing, "There are more {} than arguments in States.Format")
        return _shown(value)

    text = re.sub(r"\\.|\{\}", put, template, flags=re.DOTALL)
    _check(next(left, missing) is missing, "There are fewer {} than arguments in States.Format")
    return text


def _shown(value: Any) -> str:
    """A value inside a text, objects as Java prints maps."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def _check(holds: bool, refusal: str) -> None:
    if not holds:
        raise IntrinsicError(refusal)


def _array(value: Any) -> list[Any]:
    _check(isinstance(value, list), "The argument must be an array")
    items: list[Any] = value
    return items


def _text(value: Any, longest: int | None = None) -> str:
    _check(isinstance(value, str), "The argument must be a string")
    _check(longest is None or len(value) <= longest, f"The argument is longer than {longest} characters")
    return str(value)


def _integer(value: Any) -> int:
    """A number rounded to the nearest integer, halves up."""
    _check(isinstance(value, int | float) and not isinstance(value, bool), "The argument must be a number")
    return int((Decimal(str(value)) + Decimal("0.5")).to_integral_value(ROUND_FLOOR))


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; true is not 1."""
    return _key(one) == _key(other)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _partition(items: Any, size: Any) -> list[list[Any]]:
    _array(items)
    length = _integer(size)
    _check(length > 0, "The second argument of States.ArrayPartition must be a positive integer")
    return [items[start : start + length] for start in range(0, len(items), length)]


def _range(first: Any, last: Any, step: Any) -> list[int]:
    start, end, width = _integer(first), _integer(last), _integer(step)
    _check(width != 0, "The step of States.ArrayRange must not be zero")
    numbers = range(start, end + (1 if width > 0 else -1), width)
    _check(len(numbers) <= ITEMS, f"States.ArrayRange cannot make more than {ITEMS} items")
    return list(numbers)


def _item(items: Any, index: Any) -> Any:
    _check(isinstance(index, int) and not isinstance(index, bool), "The index must be an integer")
    inside = 0 <= index < len(_array(items))
    _check(inside, f"Index {index} is out of bounds of an array of {len(items)} items")
    return items[index]


def _unique(items: Any) -> list[Any]:
    return list({_key(item): item for item in reversed(_array(items))}.values())[::-1]


def _encode(text: Any) -> str:
    return base64.b64encode(_text(text, CHARACTERS).encode()).decode()


def _decode(text: Any) -> str:
    try:
        return base64.b64decode(_text(text, CHARACTERS), validate=True).decode()
    except ValueError:
        raise IntrinsicError("The argument is not valid Base64") from None


def _hash(data: Any, algorithm: Any) -> str:
    _check(isinstance(algorithm, str) and algorithm in _HASHES, f"Unknown hash algorithm: {algorithm}")
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return hashlib.new(_HASHES[algorithm], _text(text, CHARACTERS).encode()).hexdigest()


def _merge(one: Any, other: Any, deep: Any) -> dict[str, Any]:
    _check(deep is False, "The third argument of States.JsonMerge must be false")
    _check(isinstance(one, dict) and isinstance(other, dict), "States.JsonMerge takes two JSON objects")
    return {**one, **other}


def _parse(text: Any) -> Any:
    try:
        return json.loads(_text(text)) if _text(text).strip() else None
    except ValueError as error:
        raise IntrinsicError(f"Invalid JSON: {error}") from None


def _random(first: Any, last: Any, seed: Any = None) -> int:
    start, end = _integer(first), _integer(last)
    _check(start < end, "The first argument of States.MathRandom must be less than the second")
    return random.Random(None if seed is None else _integer(seed)).randrange(start, end)


def _split(text: Any, separators: Any) -> list[str]:
    if not _text(separators):
        return [_text(text)]
    return [part for part in re.split(f"[{re.escape(separators)}]", _text(text)) if part]


_FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int | None]] = {
    "Format": (_format, 1, None),
    "Array": (lambda *items: [*items], 0, None),
    "ArrayPartition": (_partition, 2, 2),
    "ArrayContains": (lambda items, one: any(_same(item, one) for item in _array(items)), 2, 2),
    "ArrayRange": (_range, 3, 3),
    "ArrayGetItem": (_item, 2, 2),
    "ArrayLength": (lambda items: len(_array(items)), 1, 1),
    "ArrayUnique": (_unique, 1, 1),
    "Base64Encode": (_encode, 1, 1),
    "Base64Decode": (_decode, 1, 1),
    "Hash": (_hash, 2, 2),
    "JsonMerge": (_merge, 3, 3),
    "StringToJson": (_parse, 1, 1),
    "JsonToString": (lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False), 1, 1),
    "MathRandom": (_random, 2, 3),
    "MathAdd": (lambda one, other: _integer(one) + _integer(other), 2, 2),
    "StringSplit": (_split, 2, 2),
    "UUID": (lambda: str(uuid.uuid4()), 0, 0),
}
"""Name -> function, fewest and most arguments."""
