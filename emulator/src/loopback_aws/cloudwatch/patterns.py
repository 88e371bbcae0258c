"""Filter patterns of CloudWatch Logs: which log events a metric filter counts.

Known are the empty pattern, terms (`"time out" -retry ?WARN ?ERROR`) and JSON patterns (`{ $.level =
"ERROR" && $.code != 4* }`), as AWS's "Filter pattern syntax" describes them. Patterns for space-delimited
events and regular expressions are refused with an error that names them.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from typing import Any

from loopback_aws.cloudwatch.json_patterns import compile_json, parse_selector, value_of

Matcher = Callable[[str], bool]
NOT_JSON = object()
"""What is parsed of an event that is no JSON: no JSON pattern matches it."""
_TERM = re.compile(r'([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))\s*')


class PatternError(ValueError):
    """A pattern that the local AWS does not understand; the text says what of it."""


def compile_pattern(pattern: str) -> Matcher:
    """What tells whether a log event's text matches; PatternError for what is not understood."""
    text = pattern.strip()
    if not text:
        return lambda _: True
    if text.startswith("["):
        raise PatternError(f"The local AWS does not know patterns of space-delimited events: {pattern!r}")
    if not text.startswith("{"):
        return _terms(text, pattern)
    try:
        holds = compile_json(text)
    except ValueError as error:
        raise PatternError(
            f"The local AWS does not understand the filter pattern {pattern!r}: {error}"
        ) from None

    def matches(event: str) -> bool:
        return (root := _parsed(event)) is not NOT_JSON and holds(root)

    return lambda event: event.lstrip()[:1] in ("{", "[") and matches(event)


def _terms(text: str, pattern: str) -> Matcher:
    """All terms, none of those with `-`, any of those with `?`, which do not count beside terms without."""
    wanted: dict[str, list[str]] = {"": [], "-": [], "?": []}
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            raise PatternError(f"The local AWS does not understand the filter pattern {pattern!r}")
        sign, quoted, bare = found.groups()
        if bare and (bare.startswith("%") or not re.fullmatch(r"\w+", bare)):
            raise PatternError(
                f"The local AWS does not understand {bare!r} in the filter pattern {pattern!r}: "
                "terms with other characters than letters, digits and _ are quoted, "
                "regular expressions are not known"
            )
        wanted[sign].append(bare or re.sub(r"\\(.)", r"\1", quoted))
        position = found.end()
    every, none, some = wanted[""], wanted["-"], wanted["?"] if not wanted[""] else []
    return lambda event: (
        all(term in event for term in every)
        and not any(term in event for term in none)
        and (not some or any(term in event for term in some))
    )


def selected(event: str, selector: str) -> Any:
    """The value of `$.a.b` in a JSON event; None when there is none."""
    return value_of(_parsed(event), parse_selector(selector))


@functools.lru_cache(maxsize=32)
def _parsed(event: str) -> Any:
    """An event's JSON, read once for all filters of a log group; NOT_JSON when it is none."""
    try:
        return json.loads(event)
    except ValueError:
        return NOT_JSON
