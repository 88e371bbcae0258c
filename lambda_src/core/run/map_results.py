"""What ResultWriter wrote of a map run: its manifest, and its files of JSON Lines or of one JSON array.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from lambda_src.core.excerpt import excerpt, one_line
from lambda_src.core.run.lines import split_lines

KINDS = ("PENDING", "FAILED", "SUCCEEDED")
"""Kinds of files, what is known last at the end: after a redrive a batch can be in several."""
MAX_ROW_BYTES = 8 * 1024**2
"""Input and output of a child, each a state's limit at most, as strings of escaped JSON, twice over."""
_NO_ERROR = {"PENDING": "BatchNotStarted", "ABORTED": "BatchAborted", "TIMED_OUT": "States.Timeout"}
_SPACE = b" \t\r\n"


class BatchResult(NamedTuple):
    """What became of one batch. `output` is the JSON text of a child that succeeded, else None.

    `batch` is None for a row that does not say it; `seconds` is how long the child ran.
    """

    batch: int | None
    output: str | None
    error: str
    cause: str
    seconds: float


def read_result_manifest(body: bytes) -> tuple[str, dict[str, list[str]]]:
    """The bucket, and the keys of the files by their kind. Raises ValueError."""
    manifest = json.loads(body)
    try:
        files = manifest["ResultFiles"]
        return manifest["DestinationBucket"], {
            kind: [file["Key"] for file in files.get(kind, ())] for kind in KINDS
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no manifest of ResultWriter: {error!r}") from error


def read_result_rows(chunks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The rows of a file, one at a time. Raises ValueError for what is no such file."""
    stream = iter(chunks)
    head = b""
    for head in stream:
        if head := head.lstrip(_SPACE):
            break
    rows = _array if head.startswith(b"[") else _lines
    for row in rows(chain((head,), stream)):
        if not isinstance(row, dict):
            raise ValueError(f"a row must be an object, not {excerpt(row)}")
        yield row


def read_batch_result(row: dict[str, Any]) -> BatchResult:
    """The row of one child, as ResultWriter writes it without a transformation."""
    status = row.get("Status")
    failed = status != "SUCCEEDED"
    output = None if failed else _text(row.get("Output"))
    return BatchResult(
        batch=_batch_number(row.get("Input")),
        output=output,
        error=str(row.get("Error") or _NO_ERROR.get(str(status), "BatchFailed")) if failed else "",
        cause=_cause(row.get("Cause"), status) if failed else "",
        seconds=_seconds(row.get("StartDate"), row.get("StopDate")),
    )


def _lines(chunks: Iterable[bytes]) -> Iterator[Any]:
    for line in split_lines(chunks, MAX_ROW_BYTES):
        if line is None:
            raise ValueError(f"a row has more than {MAX_ROW_BYTES:,} bytes")
        if line.strip():
            yield json.loads(line)


def _array(chunks: Iterable[bytes]) -> Iterator[Any]:
    """An array's values. The text holds one unfinished row at most, beside what is left of a chunk."""
    decode, parse = codecs.getincrementaldecoder("utf-8")().decode, json.JSONDecoder().raw_decode
    text, position, ended = "", 1, False
    for chunk in chunks:
        text += decode(chunk)
        while not ended:
            while text[position : position + 1] in (" ", "\t", "\r", "\n", ","):
                position += 1
            ended = text.startswith("]", position)
            try:
                if not ended:
                    value, position = parse(text, position)
                    yield value
            except ValueError:
                break
        if len(text) - position > MAX_ROW_BYTES:
            raise ValueError(f"a row has more than {MAX_ROW_BYTES:,} characters, or is not JSON")
        text, position = text[position:], 0
    if not ended:
        raise ValueError(f"the array ends in the middle of a row: {excerpt(text[:200])}")


def _batch_number(input_: object) -> int | None:
    """The number in a child's input, `{"batch": {"batch": number, …}, …}` as JSON text."""
    try:
        number = json.loads(_text(input_) or "null")["batch"]["batch"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) or value is None else json.dumps(value)


def _cause(cause: object, status: object) -> str:
    """In a line what a person wants to read: of a function's error its message."""
    if status == "PENDING" and not cause:
        return "the map run ended before this batch was started"
    try:
        details = json.loads(str(cause))
    except (ValueError, RecursionError):
        return one_line(cause)
    return one_line(details.get("errorMessage") or cause) if isinstance(details, dict) else one_line(cause)


def _seconds(start: object, stop: object) -> float:
    try:
        times = [datetime.fromisoformat(str(time)) for time in (start, stop)]
        return max((times[1] - times[0]).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0
