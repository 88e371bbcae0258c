"""Structured logs: one JSON object a line on standard output, safe to write from several processes."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Any


def log(event: str, level: str = "info", **fields: Any) -> None:
    """Write one line; `event` is what happened, in snake_case, `fields` its particulars, never image data."""
    record = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "event": event,
        "pid": os.getpid(),
        **fields,
    }
    sys.stdout.write(json.dumps(record, default=str) + "\n")
    sys.stdout.flush()


class JsonHandler(logging.Handler):
    """Libraries' own messages (uvicorn's, mostly), in the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        details: dict[str, Any] = {"logger": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1]:
            details["exception"] = repr(record.exc_info[1])
        log("library_message", record.levelname.lower(), **details)


def capture_library_logs() -> None:
    logging.basicConfig(level=logging.WARNING, handlers=[JsonHandler()], force=True)
    logging.captureWarnings(True)
