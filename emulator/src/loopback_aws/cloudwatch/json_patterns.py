"""JSON filter patterns: `{ ($.user = "a*" || $.code >= 500) && $.error IS NULL }`, by recursive descent.

Comparisons by = and != (strings with `*` for any characters, numbers) and by < <= > >= (numbers), `IS TRUE`,
`IS FALSE`, `IS NULL`, `NOT EXISTS`, joined by && and ||, && first. A comparison with what an event has not is
false, also by !=.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

Test = Callable[[Any], bool]
Path = tuple[str | int, ...]
_TOKEN = re.compile(
    r"\s*(?:(?P<selector>\$(?:\.[\w-]+|\[\d+\]|\.?\['[^']+'\])+)|(?P<symbol>&&|\|\||!=|>=|<=|[=<>(){}])"
    r"|(?P<string>\"(?:[^\"\\]|\\.)*\")|(?P<regex>%[^%]*%)|(?P<word>[^\s(){}=<>!&|\"]+))"
)
_STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]|\.?\['([^']+)'\]")
_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_MISSING = object()


def compile_json(pattern: str) -> Test:
    """What tells whether a parsed event matches; ValueError names what is not understood."""
    return _Parser(pattern).pattern()


def parse_selector(text: str) -> Path:
    """The steps of `$.a.b[0]`; ValueError when it is none."""
    found = _TOKEN.fullmatch(text)
    if not found or not found["selector"]:
        raise ValueError(f"{text!r} selects nothing")
    return tuple(
        int(index) if index else name or quoted for name, index, quoted in _STEP.findall(found["selector"])
    )


def value_of(root: Any, path: Path) -> Any:
    """What a path leads to; None when it leads nowhere."""
    found = _find(root, path)
    return None if found is _MISSING else found


class _Parser:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position = 0
        text = pattern.strip()
        while position < len(text):
            token = _TOKEN.match(text, position)
            if token is None or token.lastgroup is None:
                raise ValueError(f"{text[position:]!r} is not expected")
            self._tokens.append((token.lastgroup, token[token.lastgroup]))
            position = token.end()
        self._tokens.append(("end", "the end"))
        self._at = 0

    def pattern(self) -> Test:
        self._take("{")
        test = self._any()
        self._take("}")
        if self._kind != "end":
            raise ValueError(f"{self._text!r} is not expected")
        return test

    @property
    def _kind(self) -> str:
        return self._tokens[self._at][0]

    @property
    def _text(self) -> str:
        return self._tokens[self._at][1]

    def _take(self, *texts: str) -> str:
        found = self._text
        if found not in texts and found.upper() not in texts:
            raise ValueError(f"{found!r} is not expected, but {' or '.join(texts)}")
        self._at += 1
        return found

    def _any(self) -> Test:
        tests = [self._all()]
        while self._text == "||":
            self._at += 1
            tests.append(self._all())
        return lambda root: any(test(root) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._text == "&&":
            self._at += 1
            tests.append(self._one())
        return lambda root: all(test(root) for test in tests)

    def _one(self) -> Test:
        if self._text == "(":
            self._at += 1
            test = self._any()
            self._take(")")
            return test
        if self._kind != "selector":
            raise ValueError(f"{self._text!r} is not expected, but a selector as $.name")
        path = parse_selector(self._text)
        self._at += 1
        if self._text.upper() == "NOT":
            self._at += 1
            self._take("EXISTS")
            return lambda root: _find(root, path) is _MISSING
        if self._text.upper() == "IS":
            self._at += 1
            wanted = {"TRUE": True, "FALSE": False, "NULL": None}[self._take("TRUE", "FALSE", "NULL").upper()]
            return lambda root: _find(root, path) is wanted
        return self._comparison(path, self._take("=", "!=", "<", "<=", ">", ">="))

    def _comparison(self, path: Path, sign: str) -> Test:
        kind, text = self._kind, self._text
        if kind not in ("string", "word"):
            more = ": regular expressions are not known" if kind == "regex" else ""
            raise ValueError(f"{text!r} is not expected after {sign}{more}")
        self._at += 1
        if sign in _ORDER:
            return _ordered(path, sign, text)
        same = _equal(kind, text)
        return lambda root: (found := _find(root, path)) is not _MISSING and same(found) == (sign == "=")


def _ordered(path: Path, sign: str, text: str) -> Test:
    try:
        limit = float(text)
    except ValueError:
        raise ValueError(f"{sign} compares numbers, not {text!r}") from None
    return lambda root: _is_number(found := _find(root, path)) and bool(_ORDER[sign](found, limit))


def _equal(kind: str, text: str) -> Test:
    """Whether a value is the one that a pattern names: a text with `*`, or a number."""
    if kind == "word":
        try:
            number = float(text)
        except ValueError:
            pass
        else:
            return lambda found: _is_number(found) and found == number
    body = re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "string" else text
    glob = re.compile(".*".join(map(re.escape, body.split("*"))), re.DOTALL)
    return lambda found: (
        isinstance(found, str | int | float)
        and not isinstance(found, bool)
        and glob.fullmatch(str(found)) is not None
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _find(root: Any, path: Path) -> Any:
    for step in path:
        inside = step < len(root) if isinstance(step, int) and isinstance(root, list) else False
        if not inside and not (isinstance(step, str) and isinstance(root, dict) and step in root):
            return _MISSING
        root = root[step]
    return root
