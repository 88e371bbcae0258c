"""docs/operations.md says what the server takes: its numbers and its names are those of the code."""

from __future__ import annotations

import re

from pictures import limits as of_pictures
from pictures import refusals
from serving import errors, limits
from tests.unit.serving.server_process import ROOT

DOCUMENTED = (
    *("MAX_PIXELS", "MAX_SCANS", "DECODE_CPU_SECONDS", "DECODE_SECONDS", "MAX_IMAGES_A_PACK"),
    *("MAX_ANSWER_BYTES", "MAX_PACK_PIXELS", "PACK_SECONDS", "MAX_HEAD_BYTES", "HEAD_SECONDS"),
    *("MAX_BODY_BYTES", "BODY_SECONDS", "MAX_CONNECTIONS", "MAX_IN_FLIGHT", "WRITE_SECONDS"),
)


def section() -> str:
    text = (ROOT / "docs/operations.md").read_text()
    return text.split("## What the model server takes\n")[1].split("\n## ")[0]


def limit(name: str) -> float:
    return float(getattr(limits, name, None) or getattr(of_pictures, name))


def status_of(name: str) -> int:
    """A picture that is refused is its sender's fault, whatever refuses it."""
    kind = getattr(errors, name, None) or (getattr(refusals, name) and errors.ImageRefused)
    return int(kind.status)


def test_limits_are_those_of_the_server() -> None:
    numbers = set(re.findall(r"(?<![\w,.])\d[\d,]*(?![\w,])", section()))
    assert [name for name in DOCUMENTED if f"{limit(name):,.0f}" not in numbers] == []


def test_refusals_are_those_of_the_server() -> None:
    named = re.findall(r"(\d{3}) `(\w+)`", section())
    assert len(named) >= 10
    assert [(status, name) for status, name in named if status_of(name) != int(status)] == []
