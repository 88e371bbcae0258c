"""The endpoint's captured answer: probabilities of one image, or of each image of a pack."""

from __future__ import annotations

import binascii
from typing import Any, NamedTuple

from lambda_src.core.probabilities import SUM_TOLERANCE, VALUE_TOLERANCE
from reports.captured.problems import Unreadable
from reports.captured.request import parse_json

_NUMBERS = {int, float}


class CapturedAnswer(NamedTuple):
    entries: list[Any]
    """One an image: what should be its probabilities, unchecked, as a list or as `probabilities` of an object
    that may have its `unfamiliarity`; or {"error": text}."""
    is_pack: bool


def read_answer(output: object, *, of_pack: bool) -> CapturedAnswer:
    """The answer in a request's `endpointOutput`: JSON (as text or as such) or CSV, plain or in base64.

    A list of lists or of errors is a pack's. CSV does not tell one row from a pack of one image: then
    `of_pack`, what the request asked for, decides. Raises Unreadable for what is neither.
    """
    if output is None:
        raise Unreadable("no_output")
    if not isinstance(output, dict):
        raise Unreadable("unreadable_output")
    data = output.get("data")
    if isinstance(data, str):
        if output.get("encoding") == "BASE64":
            data = _from_base64(data)
        data = _parse(data.strip(), output, of_pack)
    if isinstance(data, dict) and "error" in data:
        raise Unreadable("error_answer")
    if isinstance(data, dict) and "probabilities" in data:
        return CapturedAnswer([data], False)
    if not isinstance(data, list):
        raise Unreadable("unreadable_output")
    if data and isinstance(data[0], list | dict):
        return CapturedAnswer(data, True)
    return CapturedAnswer([data], False)


def read_probabilities(values: object, class_count: int) -> tuple[float, ...]:
    """As many floats in 0..1 as classes, by the workflow's own tolerances (lambda_src.core.probabilities).

    Raises Unreadable for anything else.
    """
    if isinstance(values, dict):
        values = values.get("probabilities")
    if not isinstance(values, list):
        raise Unreadable("bad_probabilities")
    if len(values) != class_count:
        raise Unreadable("wrong_class_count")
    types = set(map(type, values))
    if not types <= _NUMBERS:
        raise Unreadable("bad_probabilities")
    least, most = min(values), max(values)
    # Written so that NaN, of which no comparison is true, fails one of them.
    if not (
        least >= -VALUE_TOLERANCE and most <= 1 + VALUE_TOLERANCE and abs(sum(values) - 1) <= SUM_TOLERANCE
    ):
        raise Unreadable("bad_probabilities")
    if least < 0 or most > 1:
        return tuple(min(max(float(value), 0.0), 1.0) for value in values)
    return tuple(map(float, values)) if int in types else tuple(values)


def read_unfamiliarity(entry: object) -> float | None:
    """How unlike those learnt from the image is, 0..1; None where the answer does not say it, or not so."""
    value = entry.get("unfamiliarity") if isinstance(entry, dict) else None
    if type(value) not in _NUMBERS:
        return None
    return float(value) if 0 <= value <= 1 else None  # type: ignore[arg-type,operator]


def _from_base64(text: str) -> str:
    try:
        return binascii.a2b_base64(text, strict_mode=True).decode("utf-8")
    except ValueError:  # binascii.Error and UnicodeDecodeError are ones
        raise Unreadable("unreadable_output") from None


def _parse(text: str, output: dict[str, Any], of_pack: bool) -> Any:
    """The value of a text: JSON when it looks like it, else CSV when it is declared so."""
    if not text.startswith(("[", "{")):
        kind = output.get("observedContentType")
        kind = kind.lower() if isinstance(kind, str) else ""
        if output.get("encoding") == "CSV" or "csv" in kind:
            return _parse_csv(text, of_pack)
        if kind.startswith("text/"):
            raise Unreadable("error_answer")
    try:
        return parse_json(text)
    except (ValueError, RecursionError):
        raise Unreadable("unreadable_output") from None


def _parse_csv(text: str, of_pack: bool) -> list[Any]:
    """A row's numbers, or a list of rows; a field that is no number stays text."""
    rows = [[_number(field) for field in row.split(",")] for row in text.splitlines() if row.strip()]
    if not any(isinstance(value, float) for row in rows for value in row):
        raise Unreadable("error_answer" if rows else "unreadable_output")
    return rows if of_pack or len(rows) > 1 else rows[0]


def _number(field: str) -> float | str:
    try:
        return float(field)
    except ValueError:
        return field
