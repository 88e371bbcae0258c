"""S3's events on EventBridge: with the object's version, as on AWS, which the emulator leaves out."""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any

from ministack.services import eventbridge, s3

PRIVATE = (
    "ministack.services.eventbridge:_dispatch_event",
    "ministack.services.s3:_fire_s3_event",
    "ministack.services.s3:_fire_s3_event_async",
)
SOURCE = "aws.s3"
VERSION: ContextVar[str | None] = ContextVar("version of the object that an event is made for", default=None)


def apply() -> None:
    """Note the version while an event is made, and add it to what goes to EventBridge."""
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event

    def noting(*arguments: Any, **more: Any) -> None:
        kept = VERSION.set(more.get("version_id"))
        try:
            fire(*arguments, **more)
        finally:
            VERSION.reset(kept)

    def adding(event: dict[str, Any], view: Any = None) -> Any:
        version = VERSION.get()
        return dispatch(with_version(event, version) if version else event, view)

    s3._fire_s3_event = noting
    eventbridge._dispatch_event = adding


def with_version(event: dict[str, Any], version: str) -> dict[str, Any]:
    """An event of S3 whose object says its version; any other as it is."""
    if event.get("Source") != SOURCE:
        return event
    detail = json.loads(event["Detail"])
    detail["object"]["version-id"] = version
    return event | {"Detail": json.dumps(detail)}
