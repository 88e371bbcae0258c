"""Lines of capture files for tests, as AWS writes them and damaged."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterable
from typing import Any

from reports.captured.counts import CaptureCounts
from reports.captured.inferences import Inference, read_inferences

TIME = "2026-11-20T23:59:58Z"
SECONDS = 1_795_219_198.0
FILE = "data-capture/scones-dev/AllTraffic/2026/11/20/23/59-58-000-0.jsonl"


def base64_side(content_type: str, body: bytes) -> dict[str, Any]:
    return {
        "observedContentType": content_type,
        "data": base64.b64encode(body).decode(),
        "encoding": "BASE64",
    }


def json_side(data: Any, content_type: str = "application/json", encoding: str = "JSON") -> dict[str, Any]:
    return {"observedContentType": content_type, "mode": "OUTPUT", "data": data, "encoding": encoding}


ANSWER = json_side("[0.9, 0.1]")
IMAGE = base64_side("image/png", b"an image")


def captured(
    output: Any = ANSWER,
    given: Any = IMAGE,
    inference_id: Any = "one",
    time: Any = TIME,
    event_id: Any = "",
) -> dict[str, Any]:
    """A captured request, an event of its own unless it is named; a part that is None is left out."""
    event_id = str(uuid.uuid4()) if event_id == "" else event_id
    sides = {"endpointInput": given, "endpointOutput": output}
    about = {"eventId": event_id, "inferenceId": inference_id, "inferenceTime": time}
    return {
        "captureData": {name: side for name, side in sides.items() if side is not None},
        "eventMetadata": {name: value for name, value in about.items() if value is not None},
        "eventVersion": "0",
    }


def line(**parts: Any) -> bytes:
    return json.dumps(captured(**parts)).encode() + b"\n"


def read(
    *lines: bytes, class_count: int = 2, found: CaptureCounts | None = None, **window: Any
) -> tuple[list[Inference], CaptureCounts]:
    found = found or CaptureCounts()
    return list(read_inferences(FILE, lines, class_count, found, **window)), found


def counts(found: CaptureCounts) -> dict[str, int]:
    return {kind: problem.count for kind, problem in found.problems.items()}


def confidences(inferences: Iterable[Inference]) -> list[float]:
    return [max(inference.probabilities) for inference in inferences]
