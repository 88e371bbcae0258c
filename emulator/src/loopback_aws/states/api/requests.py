"""What requests that start an execution may say: name, input, trace header."""

from __future__ import annotations

import json
import re
from typing import Any

from loopback_aws.errors import ApiError

DATA_BYTES = 262_144
"""Most bytes, as UTF-8, of an input or output."""
NAME_CHARACTERS = 80
TRACE_HEADER_CHARACTERS = 256
_FORBIDDEN = re.compile(
    '[\\s<>{}\\[\\]?*"#%\\\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff\ud800-\udfff\U0010ffff]'
)
"""White space, brackets, wildcards, special and control characters
(docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html)."""


def name_in(request: dict[str, Any]) -> str | None:
    """The execution's name; None without one. ApiError InvalidName."""
    name: str | None = request.get("name")
    if name is None:
        return None
    if not isinstance(name, str) or not 0 < len(name) <= NAME_CHARACTERS or _FORBIDDEN.search(name):
        raise ApiError("InvalidName", f"Invalid Name: '{name}'")
    return name


def input_in(request: dict[str, Any]) -> str:
    """The execution's input, JSON text. ApiError InvalidExecutionInput; ValidationException if too large."""
    text = request.get("input", "{}")
    refuse_large("input", text)
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, TypeError, RecursionError) as error:
        raise ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from None
    return str(text)


def trace_header_in(request: dict[str, Any]) -> str | None:
    """The X-Ray trace header. ApiError ValidationException."""
    header: str | None = request.get("traceHeader")
    if header and (len(header) > TRACE_HEADER_CHARACTERS or not header.isascii()):
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value '{header}' at 'traceHeader' failed to satisfy constraint: "
            "Member must have length less than or equal to 256 and satisfy regular expression pattern: "
            "\\p{ASCII}*",
        )
    return header


def refuse_large(member: str, text: Any) -> None:
    """ApiError ValidationException for data beyond 262,144 bytes."""
    if isinstance(text, str) and len(text.encode("utf-8", "surrogatepass")) > DATA_BYTES:
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {DATA_BYTES}",
        )


def required(request: dict[str, Any], member: str) -> Any:
    """A member that must be there. ApiError ValidationException."""
    if request.get(member) is None:
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value null at '{member}' failed to satisfy constraint: "
            "Member must not be null",
        )
    return request[member]


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
