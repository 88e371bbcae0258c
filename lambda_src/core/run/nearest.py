"""What is there in place of keys that are not: the nearest folder or object, for a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from lambda_src.core.location import address

Names = Callable[[str], Sequence[str]]
"""A folder -> keys and folders right in it, whole; folders end in a slash. Some of them, if they are many."""
PATTERN = frozenset("*?[")
_MOST_LEVELS = 20
_MOST_NAMED = 5


def nearest(names: Names, bucket: str, wanted: str) -> str:
    """A sentence about what exists near the key or prefix `wanted`, which selects nothing.

    Goes down from the bucket's root as far as names agree, or do but for their case or a few letters; a
    listing a level.
    """
    hints = _hints(wanted)
    found, below = _descend(names, wanted.lstrip("/"))
    if found:
        hints.append(f"nearest that exists: {address(bucket, found)}")
    elif below:
        shown = ", ".join(address(bucket, name) for name in below[:_MOST_NAMED])
        hints.append(f"the bucket has {shown}{' and more' if len(below) > _MOST_NAMED else ''}")
    else:
        hints.append("there is nothing in the bucket to classify")
    return "; ".join(hints)


def _hints(wanted: str) -> list[str]:
    hints = []
    if wanted.startswith("/"):
        hints.append("S3's keys begin without a slash")
    if _is_pattern(wanted):
        hints.append("S3's prefixes are no patterns: * ? [ stand for themselves")
    return hints


def _is_pattern(text: str) -> bool:
    return not PATTERN.isdisjoint(text)


def _descend(names: Names, wanted: str) -> tuple[str, Sequence[str]]:
    """The deepest place that is there, and what is right below it."""
    found, below = "", names("")
    for part in _parts(wanted)[:_MOST_LEVELS]:
        place = None if _is_pattern(part) else _likest(found + part, below)
        if place is None:
            break
        found = place
        if not place.endswith("/"):
            break
        below = names(place)
    return found, below


def _parts(wanted: str) -> list[str]:
    """Folders with their slash, and what is behind the last."""
    *folders, last = wanted.split("/")
    return [f"{folder}/" for folder in folders] + ([last] if last else [])


def _likest(wanted: str, there: Sequence[str]) -> str | None:
    """Of what is there: the same, or but for case and a slash, or what begins so, or is much alike."""
    folded = {name.casefold().rstrip("/"): name for name in reversed(there)}
    exact, plain = wanted if wanted in there else None, wanted.casefold().rstrip("/")
    begins = next((name for name in there if plain and name.casefold().startswith(plain)), None)
    alike = get_close_matches(plain, folded, n=1, cutoff=0.8)
    return exact or folded.get(plain) or begins or (folded[alike[0]] if alike else None)
