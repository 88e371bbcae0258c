"""One line of a capture file: when, by which id, what went in and what came out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from reports.captured.problems import Unreadable

MAX_LINE_BYTES = 32 * 1024**2
"""Request and answer have at most 6 MB each (InvokeEndpoint), in base64 8 MB: twice that, for safety."""
MAX_ID_LETTERS = 256
"""InvokeEndpoint takes at most 64."""
_EARLIEST, _LATEST = 946_684_800.0, 7_258_118_400.0
"""2000 and 2200: a time outside is damage, and would break the arithmetic with hours and zones."""
_PACK_TYPE = "application/x-recordio"
_decode = json.JSONDecoder().raw_decode


class CapturedRequest(NamedTuple):
    time: float
    """Seconds since the epoch."""
    inference_id: str | None
    has_bad_id: bool
    event_id: str | None
    """SageMaker's own of this request; None where the line has none that is a short text."""
    media_type: str
    """Of what went in, without parameters, in small letters; "" where the line does not say it."""
    input: Any
    """As captured, unchecked: {"observedContentType", "data", "encoding"}; None when it was not captured."""
    output: Any

    @property
    def is_pack(self) -> bool:
        """Whether it says that it asks for a RecordIO pack of images."""
        return self.media_type == _PACK_TYPE


def read_request(line: bytes) -> CapturedRequest:
    """Raises Unreadable when the line is no captured request, or has no usable time."""
    record = _json(line)
    data = record.get("captureData") if isinstance(record, dict) else None
    if not isinstance(data, dict):
        raise Unreadable("not_a_record")
    about = record.get("eventMetadata")
    if not isinstance(about, dict):
        raise Unreadable("bad_time")
    time = _time(about.get("inferenceTime"))
    given = about.get("inferenceId")
    usable, event = _id(given), _id(about.get("eventId"))
    went_in = data.get("endpointInput")
    kind = went_in.get("observedContentType") if isinstance(went_in, dict) else None
    return CapturedRequest(
        time,
        usable,
        usable is None and given not in (None, ""),
        event,
        _media_type(kind) if isinstance(kind, str) else "",
        went_in,
        data.get("endpointOutput"),
    )


def parse_json(text: str) -> Any:
    """As json.loads, in a third of its time for short texts, which must have no space around them."""
    value, end = _decode(text)
    if end != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


def _json(line: bytes) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise Unreadable("too_long")
    try:
        text = line.strip().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("cut_off" if error.reason == "unexpected end of data" else "not_utf8") from None
    try:
        return parse_json(text)
    except RecursionError:
        raise Unreadable("too_deep") from None
    except ValueError as error:
        if text.startswith("\ufeff"):  # the mark that some editors put at the start of a file
            return _json(text.lstrip("\ufeff").encode())
        raise Unreadable(_damage(text, getattr(error, "pos", 0))) from None


def _damage(text: str, position: int) -> str:
    """The kind of a line that is not JSON; `position` is where it stops to be."""
    if not text:
        return "empty_line"
    starts, ends = text.startswith("{"), text.endswith("}")
    return "cut_off" if starts != ends or (starts and position >= len(text)) else "not_json"


def _time(text: object) -> float:
    """Seconds since the epoch of an ISO 8601 time; one without a zone is UTC, as AWS writes it."""
    try:
        moment = datetime.fromisoformat(text)  # type: ignore[arg-type]
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        raise Unreadable("bad_time") from None
    if not _EARLIEST <= seconds < _LATEST:
        raise Unreadable("bad_time")
    return seconds


def _id(given: object) -> str | None:
    """A short text of letters that can be seen."""
    usable = isinstance(given, str) and 0 < len(given) <= MAX_ID_LETTERS and given.isprintable()
    return given if usable else None  # type: ignore[return-value]


@lru_cache(maxsize=256)
def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
