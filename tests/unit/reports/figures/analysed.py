"""Captured requests by the moment and the confidence of their answer, and the numbers of an analysis."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from reports.figures.analysis import Analysis
from reports.figures.limits import Limits
from reports.figures.numbers import make_numbers
from tests.unit.reports.captured.captured_lines import base64_side, json_side, line
from tests.unit.reports.samples import about
from tests.unit.serving.packs import image_record

MIDNIGHT = datetime(2026, 10, 25, tzinfo=UTC)


def numbers_of(analysis: Analysis) -> Any:
    return make_numbers(analysis, None, Limits(), about())


def at(moment: datetime, confidence: float = 0.95, **parts: Any) -> bytes:
    """A captured request of one image, answered at `moment`."""
    answer = json_side(json.dumps([confidence, 1 - confidence]))
    return line(output=answer, given=None, time=moment.strftime("%Y-%m-%dT%H:%M:%SZ"), **parts)


def pack(moment: datetime, images: list[bytes], inference_id: str | None = "pack") -> bytes:
    body = b"".join(map(image_record, images))
    answer = json_side(json.dumps([[0.6, 0.4]] * (len(images) - 1) + [{"error": "no image"}]))
    given = base64_side("application/x-recordio", body)
    return line(
        output=answer, given=given, inference_id=inference_id, time=moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    )
