"""An invocation: what the state machine hands to every function, and the one JSON line that each leaves.

The line says who ran, on which image or batch, and how it ended. Never image bytes.
"""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from lambda_src.core.errors import ClassificationError, InvalidInput
from lambda_src.core.excerpt import excerpt, one_line
from lambda_src.core.limits import MAX_STATE_BYTES

Handler = Callable[[Any, Any], dict[str, Any]]

_logger = logging.getLogger("scones")
_LONGEST_FIELD, _LONGEST_MESSAGE = 1_024, 4_000
"""Characters of a field and of an error's message in the log: an input may hold anything, of any length."""
_LOGGED = ("batch", "s3_bucket", "s3_key", "inference_id", "predicted_class", "confidence", "model")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Invocation(NamedTuple):
    """An execution's name and the input of the state that runs."""

    execution_name: str
    input: dict[str, Any]

    @property
    def is_batch(self) -> bool:
        """Whether the state is one over many images."""
        return "batch" in self.input


def read_invocation(event: object) -> Invocation:
    """The event `{"execution_name": …, "input": {…}}`.

    Raises InvalidInput when the function was called by something else, or the input is not an object.
    """
    if not isinstance(event, dict) or "input" not in event:
        raise InvalidInput(f"the event must be {{execution_name, input}}, not {excerpt(event)}")
    name, fields = event.get("execution_name"), event["input"]
    if not isinstance(name, str) or not name:
        raise InvalidInput(f"execution_name must be a string, not {excerpt(name)}")
    if not isinstance(fields, dict):
        raise InvalidInput(f"the input must be a JSON object with fields, not {excerpt(fields)}")
    return Invocation(name, fields)


def lasts(context: object, seconds: float) -> bool:
    """Whether Lambda gives an invocation so many seconds more; it does where there is no such context."""
    left_ms: Callable[[], int] | None = getattr(context, "get_remaining_time_in_millis", None)
    return left_ms is None or left_ms() > 1_000 * seconds


class JsonFormatter(logging.Formatter):
    """The layout of Lambda's own JSON log format, for where that runtime is not: on loopback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            line["stackTrace"] = self.formatException(record.exc_info)
        line.update((name, value) for name, value in vars(record).items() if name not in _STANDARD)
        return json.dumps(line, default=str)


def logged(state: str) -> Callable[[Handler], Handler]:
    """Decorate the handler of `state`: log how each invocation ended, and pass result or error on."""

    def decorate(handler: Handler) -> Handler:
        _configure()

        @functools.wraps(handler)
        def logging_handler(event: Any, context: Any) -> dict[str, Any]:
            try:
                result = _sendable(handler(event, context))
            except ClassificationError as error:
                name = type(error).__name__
                said = one_line(error, limit=_LONGEST_MESSAGE)
                _logger.warning("%s: %s: %s", state, name, said, extra=_fields(event, {}) | {"error": name})
                raise
            except Exception as error:
                name = type(error).__name__
                _logger.exception("%s: %s", state, name, extra=_fields(event, {}) | {"error": name})
                raise
            _logger.info("%s: done", state, extra=_fields(event, result))
            return result

        return logging_handler

    return decorate


def _sendable(result: dict[str, Any]) -> dict[str, Any]:
    """The answer, when Step Functions can take it. Raises InvalidInput: only an odd input makes another."""
    try:
        size = len(json.dumps(result, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"the answer to this input cannot be written as JSON: {one_line(error)}") from None
    if size > MAX_STATE_BYTES:
        raise InvalidInput(
            f"the answer to this input has {size:,} bytes; a state holds {MAX_STATE_BYTES:,} at most"
        )
    return result


def _configure() -> None:
    """Write JSON to stderr, unless a runtime (Lambda's, a test's) already handles the records."""
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        root.addHandler(handler)
        _logger.setLevel(logging.INFO)


def _fields(event: Any, result: dict[str, Any]) -> dict[str, Any]:
    """What identifies the invocation, from whatever the event and the result hold of it."""
    event = event if isinstance(event, dict) else {}
    fields = event["input"] if isinstance(event.get("input"), dict) else {}
    known = {"execution_name": event.get("execution_name")}
    known |= {name: result.get(name, fields.get(name)) for name in _LOGGED}
    if isinstance(known["batch"], dict):  # a line of the plan
        known["batch"] = known["batch"].get("batch")
    return {
        name: excerpt(value, limit=_LONGEST_FIELD) if len(str(value)) > _LONGEST_FIELD else value
        for name, value in known.items()
        if isinstance(value, str | int | float)
    }
