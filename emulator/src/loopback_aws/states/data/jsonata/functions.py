"""What JSONata expressions of Step Functions can call beyond, or other than, jsonata-python's functions.

Beyond: the six functions of
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-functions-provided-by-sfn.
Other: where jsonata-python leaves https://docs.jsonata.org (sorting is not stable, `$string` escapes letters,
`$replace` replaces what it has put in, …). `LIBRARY` is the frame that holds them all; `$eval` is not in it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import math
import random
import re
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from jsonata import Functions, JException, Jsonata, Utils

from loopback_aws.states.data.jsonata.values import NULL, LimitError, bound, is_callable, refuse, text_of

RANGE_ITEMS = 360_145
"""Most items of `$range`. AWS bounds the memory of an evaluation, and documents no number."""
MEMORY = "Expression evaluation memory limit exceeded: Check for excessive memory usage"
_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([Ee][-+]?\d+)?")
_OTHER_BASE = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_TIME = re.compile(
    r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(?:Z|([+-])(\d\d):?(\d\d))?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Library:
    """The functions by their JSONata names; a missing argument is None."""

    @staticmethod
    def partition(items: list[Any] | None, size: float | None) -> list[Any] | None:
        """Parts of `size` items, the last with what is left; a fraction of the size is dropped."""
        if items is None or size is None:
            return None
        length = math.floor(size)
        if length < 1:
            raise JException("D3137", -1, "The second argument of $partition must be a positive integer")
        return [list(items[start : start + length]) for start in range(0, len(items), length)]

    @staticmethod
    def range(first: float | None, last: float | None, step: float | None) -> list[int] | None:
        """Integers from `first` to `last`, both included when the step meets them."""
        if first is None or last is None or step is None:
            return None
        start, end, width = math.floor(first), math.floor(last), math.floor(step)
        if width == 0:
            raise JException("D3137", -1, "The third argument of $range must not be zero")
        numbers = range(start, end + (1 if width > 0 else -1), width)
        if len(numbers) > RANGE_ITEMS:
            raise LimitError(MEMORY)
        return list(numbers)

    @staticmethod
    def hash(text: str | None, algorithm: str | None) -> str | None:
        """Hexadecimal digest of the text's UTF-8 bytes."""
        if text is None or algorithm is None:
            return None
        if algorithm not in _ALGORITHMS:
            raise JException("D3137", -1, f"The hash algorithm must be one of {', '.join(_ALGORITHMS)}")
        return hashlib.new(_ALGORITHMS[algorithm], text.encode()).hexdigest()

    @staticmethod
    def random(seed: float | None) -> float:
        """A number from 0 up to but not 1; a seed always gives the same one, java.util.Random's first."""
        if seed is None:
            return random.random()
        state = (math.floor(seed) ^ 0x5DEECE66D) & (2**48 - 1)
        state, high = _java_bits(state, 26)
        _, low = _java_bits(state, 27)
        return ((high << 27) + low) / 2**53

    @staticmethod
    def uuid() -> str:
        """A random UUID."""
        return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))

    @staticmethod
    def parse(text: str | None) -> Any:
        """The value of a JSON text."""
        if text is None:
            return None
        try:
            return bound(json.loads(text, parse_constant=_no_constant))
        except ValueError as error:
            raise JException("D3137", -1, f"The argument of $parse is not valid JSON: {error}") from None

    @staticmethod
    def string(value: Any, pretty: bool | None) -> str | None:
        if isinstance(value, Utils.JList) and value.outer_wrapper:
            value = value[0]
        if value is None or isinstance(value, str):
            return value
        return "" if is_callable(value) else text_of(value, bool(pretty))

    @staticmethod
    def number(value: Any) -> float | None:
        if value is NULL:
            raise refuse("T0410", 1, "number")
        if value is None or isinstance(value, bool):
            return None if value is None else int(value)
        if isinstance(value, str):
            if _NUMBER.fullmatch(value):
                number = float(value)
                if math.isfinite(number):
                    return int(value) if value.lstrip("-").isdigit() else number
            elif _OTHER_BASE.fullmatch(value):
                return int(value, 0)
            raise refuse("D3030", value)
        return float(value) if isinstance(value, float) else int(value)

    @staticmethod
    def power(base: float | None, exponent: float | None) -> float | None:
        if base is None or exponent is None:
            return None
        try:
            result = float(base) ** float(exponent)
        except (OverflowError, ZeroDivisionError):
            raise refuse("D3061", base, exponent) from None
        if isinstance(result, complex) or not math.isfinite(result):
            raise refuse("D3061", base, exponent)
        return result

    @staticmethod
    def lowercase(text: str | None) -> str | None:
        if text is NULL:
            raise refuse("T0410", 1, "lowercase")
        return None if text is None else text.lower()

    @staticmethod
    def replace(text: str | None, pattern: Any, replacement: Any, limit: float | None) -> str | None:
        """Literal or regular expression; `$1` in the replacement is a group, or a function is asked."""
        if text is None:
            return None
        if pattern == "":
            raise refuse("D3010", pattern)
        if limit is not None and limit < 0:
            raise refuse("D3011", limit)
        most = math.ceil(limit) if limit is not None else -1
        if isinstance(pattern, str):
            if isinstance(replacement, str):
                return text.replace(pattern, replacement, most)
            pattern = re.compile(re.escape(pattern))
        return text if most == 0 else _replaced(text, pattern, replacement, most)

    @staticmethod
    def split(text: str | None, separator: Any, limit: float | None) -> list[str] | None:
        if text is None or not Functions.is_regex(separator):
            parts: list[str] | None = Functions.split(text, separator, limit)
            return parts
        if limit is not None and limit < 0:
            raise refuse("D3020", limit)
        found, start = [], 0
        for match in _matches(separator, text):
            found.append(text[start : match.start()])
            start = match.end()
        found.append(text[start:])
        return found if limit is None else found[: math.ceil(limit)]

    @staticmethod
    def contains(text: str | None, token: Any) -> bool | None:
        if text is None or text is NULL:
            return None
        return bool(token in text if isinstance(token, str) else token.search(text))

    @staticmethod
    def base64decode(text: str | None) -> str | None:
        if text is None:
            return None
        return base64.b64decode(text, validate=True).decode()

    @staticmethod
    def sort(items: list[Any] | None, comparator: Any) -> list[Any] | None:
        """Stable: the comparator tells whether its first argument belongs after its second."""
        if items is None or len(items) <= 1:
            return items
        if comparator is None:
            numbers = all(Utils.is_numeric(item) for item in items)
            if not numbers and not all(isinstance(item, str) for item in items):
                raise refuse("D3070")
            return sorted(items)

        def after(one: Any, other: Any) -> bool:
            return bool(Functions.to_boolean(Functions.func_apply(comparator, [one, other])))

        def order(one: Any, other: Any) -> int:
            return 1 if after(one, other) else -1 if after(other, one) else 0

        return sorted(items, key=functools.cmp_to_key(order))

    @staticmethod
    def distinct(items: Any) -> Any:
        if not isinstance(items, list) or len(items) <= 1:
            return items
        found = {_identity(item): item for item in reversed(items)}
        kept = Utils.create_sequence() if Utils.is_sequence(items) else []
        for item in items:
            key = _identity(item)
            if key in found:
                kept.append(item)
                del found[key]
        return kept

    @staticmethod
    def to_millis(text: str | None, picture: str | None) -> int | None:
        if text is None or picture is not None:
            millis: int | None = Functions.datetime_to_millis(text, picture)
            return millis
        match = _TIME.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise refuse("D3110", text)
        year, month, day, hour, minute, second = (
            int(part or low) for part, low in zip(match.groups()[:6], (1970, 1, 1, 0, 0, 0), strict=True)
        )
        try:
            moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            raise refuse("D3110", text) from None
        if sign := match[8]:
            offset = timedelta(hours=int(match[9]), minutes=int(match[10]))
            moment += -offset if sign == "+" else offset
        return (moment - _EPOCH) // timedelta(milliseconds=1) + int((match[7] or "").ljust(3, "0")[:3])


def _java_bits(state: int, bits: int) -> tuple[int, int]:
    state = (state * 0x5DEECE66D + 0xB) & (2**48 - 1)
    return state, state >> (48 - bits)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _matches(pattern: Any, text: str) -> Any:
    """Matches of a regular expression, which may not be empty."""
    for match in pattern.finditer(text):
        if match.end() == match.start():
            raise refuse("D1004", text)
        yield match


def _replaced(text: str, pattern: Any, replacement: Any, most: int) -> str:
    found, start = [], 0
    for count, match in enumerate(_matches(pattern, text)):
        if count == most:
            break
        found.append(text[start : match.start()])
        if isinstance(replacement, str):
            found.append(_filled(replacement, match))
        else:
            span = {"start": match.start(), "end": match.end()}
            groups = [bound(group) for group in match.groups()]
            put = Functions.func_apply(replacement, [{"match": match[0], **span, "groups": groups}])
            if not isinstance(put, str):
                raise refuse("D3012", put)
            found.append(put)
        start = match.end()
    return "".join(found) + text[start:]


def _filled(replacement: str, match: re.Match[str]) -> str:
    """`$$` is a dollar, `$0` the match, `$1`… its groups with as many digits as there can be groups."""
    groups = match.groups()

    def put(reference: re.Match[str]) -> str:
        digits = reference[1]
        if digits == "$":
            return "$"
        for length in range(min(len(digits), max(1, len(str(len(groups))))), 0, -1):
            number = int(digits[:length])
            if number <= len(groups) or length == 1:
                taken = match[0] if number == 0 else groups[number - 1] if number <= len(groups) else ""
                return (taken or "") + digits[length:]
        return ""

    return re.sub(r"\$(\$|\d+)", put, replacement)


def _identity(value: Any) -> str:
    """Equal for values that JSONata holds equal: the order of keys is nothing, 1 is not true."""
    if isinstance(value, dict):
        inner = sorted((key, _identity(item)) for key, item in value.items())
        return "{" + ",".join(f"{json.dumps(key)}:{item}" for key, item in inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_identity(item) for item in value) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"f{id(value)}" if is_callable(value) else "null" if value is NULL else json.dumps(value)


_SIGNATURES = {
    "partition": "<an:a>", "range": "<nnn:a>", "hash": "<ss:s>", "random": "<n?:n>", "uuid": "<:s>",
    "parse": "<s:x>", "string": "<x-b?:s>", "number": "<(nsb)-:n>", "power": "<n-n:n>", "lowercase": "<s-:s>",
    "replace": "<s-(sf)(sf)n?:s>", "split": "<s-(sf)n?:a<s>>", "contains": "<s-(sf):b>",
    "base64decode": "<s-:s>", "sort": "<af?:a>", "distinct": "<x:x>", "toMillis": "<s-s?:n>",
}  # fmt: skip


def _library() -> Jsonata.Frame:
    frame = Jsonata.Frame(Jsonata.static_frame)
    for name, signature in _SIGNATURES.items():
        method = {"toMillis": "to_millis"}.get(name, name)
        frame.bind(name, Jsonata.function(name, signature, Library, method))
    frame.bind("eval", None)
    return frame


LIBRARY = _library()
"""Parent of the frame of each evaluation; nothing is ever bound in it again."""
