"""Damage, seeded: JSON values with something odd in them, bytes that were flipped, cut and doubled."""

from __future__ import annotations

import copy
import io
import json
import random
from collections.abc import Iterator
from typing import Any

from PIL import Image


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), (255, 0, 0)).save(file, "PNG")
    return file.getvalue()


PICTURE = _picture()
MANY = 5_000
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 1.5, -0.0, 2**31, 2**63, 10**30, 10**400, -(10**30)),
    *(float("nan"), float("inf"), float("-inf"), 5e-324, 1e308),
    *("", " ", "\0", "\x1b[2J", "\u202e", "\ud800", "é", "NaN", "../..", "s3://bucket/key", "x" * MANY),
    *([], {}, [[]], [None], {"": None}, [0] * MANY, {"batch": {}}, ["a", "b"], "2026-11-20T10:00:00+00:00"),
)


def nested(depth: int) -> Any:
    """Arrays inside each other."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def damaged(value: Any, dice: random.Random) -> Any:
    """A copy in which one to three places hold something else, nothing, or more."""
    value = copy.deepcopy(value)
    for _ in range(dice.randint(1, 3)):
        places = list(_places(value))
        if not places:
            return odd(dice)
        parent, at = dice.choice(places)
        action = dice.random()
        if action < 0.7:
            parent[at] = odd(dice)
        elif action < 0.85:
            del parent[at]
        elif isinstance(parent, dict):
            parent[dice.choice(("extra", "n", "batch", "x" * 600_000))] = odd(dice)
        else:
            parent.insert(at, copy.deepcopy(dice.choice((parent[at], odd(dice)))))
    return odd(dice) if dice.random() < 0.02 else value


def odd(dice: random.Random) -> Any:
    """A value that hardly anybody expects."""
    return nested(200) if dice.random() < 0.02 else copy.deepcopy(dice.choice(ODD))


def damaged_bytes(data: bytes, dice: random.Random) -> bytes:
    """Bytes with one to eight of them flipped, a piece cut out, doubled or put in; or none at all."""
    body = bytearray(data)
    for _ in range(dice.randint(1, 8)):
        start = dice.randint(0, len(body))
        end = min(len(body), start + dice.choice((1, 2, 4, 16, 256)))
        action = dice.random()
        if action < 0.5 and start < end:
            body[start] = dice.choice((dice.randint(0, 255), 0, 255, body[start] ^ 1 << dice.randint(0, 7)))
        elif action < 0.65:
            del body[start:end]
        elif action < 0.8:
            body[start:start] = body[start:end] * dice.choice((1, 1, 50))
        elif action < 0.95:
            body[start:start] = dice.randbytes(dice.choice((1, 4, 64)))
        else:
            del body[start:]
    return bytes(body)


def damaged_json(value: Any, dice: random.Random) -> bytes:
    """A JSON text of a damaged value, or a damaged text of a value."""
    if dice.random() < 0.6:
        return json.dumps(damaged(value, dice)).encode()
    return damaged_bytes(json.dumps(value).encode(), dice)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a value that can be written, as container and key or index."""
    waiting = [value]
    while waiting:
        container = waiting.pop()
        if isinstance(container, dict | list):
            for at in list(container) if isinstance(container, dict) else range(len(container)):
                yield container, at
                waiting.append(container[at])
