"""One captured invocation in the form that SageMaker's data capture writes."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_DIRECTIONS = {"endpointInput": ("INPUT", "Input"), "endpointOutput": ("OUTPUT", "Output")}


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """What went into the endpoint and what came out."""

    endpoint: str
    variant: str
    content_type: str
    body: bytes
    answer_type: str
    answer: bytes
    inference_id: str | None
    moment: datetime
    """When the answer came, UTC."""


def capture_line(invocation: Invocation, config: dict[str, Any]) -> str:
    """The record as a line of JSON; `config` is the DataCaptureConfig with its options and content types."""
    sides = {
        "endpointInput": (invocation.content_type, invocation.body),
        "endpointOutput": (invocation.answer_type, invocation.answer),
    }
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    data = {}
    for member, (content_type, body) in sides.items():
        mode, option = _DIRECTIONS[member]
        if option in modes or "InputAndOutput" in modes:
            encoding, text = encode(content_type, body, config.get("CaptureContentTypeHeader") or {})
            data[member] = {
                "observedContentType": content_type,
                "mode": mode,
                "data": text,
                "encoding": encoding,
            }
    metadata = {"eventId": str(uuid.uuid4())}
    if invocation.inference_id:
        metadata["inferenceId"] = invocation.inference_id
    metadata["inferenceTime"] = invocation.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    record = {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}
    return json.dumps(record, separators=(",", ":")) + "\n"


def encode(content_type: str, body: bytes, declared: dict[str, list[str]]) -> tuple[str, str]:
    """Encoding and text of a body: as it is for declared JSON and CSV types, base64 for everything else."""
    for encoding, member in (("JSON", "JsonContentTypes"), ("CSV", "CsvContentTypes")):
        if _media_type(content_type) in map(_media_type, declared.get(member) or []):
            try:
                return encoding, body.decode("utf-8")
            except UnicodeDecodeError:
                break
    return "BASE64", base64.b64encode(body).decode()


def object_key(prefix: str, invocation: Invocation) -> str:
    """Key of a file whose first record is `invocation`; `prefix` may be empty."""
    moment = invocation.moment.astimezone(UTC)
    name = f"{moment:%Y/%m/%d/%H/%M-%S}-{moment.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
    return "/".join(_nonempty((prefix.strip("/"), invocation.endpoint, invocation.variant, name)))


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _nonempty(parts: Iterable[str]) -> Iterable[str]:
    return (part for part in parts if part)
