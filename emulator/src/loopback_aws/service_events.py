"""Events that AWS's services put on the default bus of EventBridge themselves."""

from __future__ import annotations

import json
import logging
import threading
from queue import SimpleQueue
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import eventbridge

KEPT_EVENTS = 1_000
"""Events that the emulator's bus remembers; it reads them for nothing but its own archives' replays."""
_log = logging.getLogger("loopback_aws.service_events")
PRIVATE = (
    "ministack.services.eventbridge:_events_log_list",
    "ministack.services.eventbridge:_put_events",
)


def put_event(source: str, detail_type: str, arn: str, detail: dict[str, Any]) -> None:
    """Deliver an event about the resource `arn` to the rules of the account and region at hand."""
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": [arn]}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    del eventbridge._events_log_list()[:-KEPT_EVENTS]


class Telling:
    """Delivers one service's events in order, from a thread of its own: a slow target delays no service."""

    def __init__(self, source: str, account: str, region: str) -> None:
        self._source = source
        self._scope = account, region
        self._events: SimpleQueue[tuple[str, str, dict[str, Any]]] = SimpleQueue()
        threading.Thread(target=self._run, name=f"events-{source}", daemon=True).start()

    def tell(self, detail_type: str, arn: str, detail: dict[str, Any]) -> None:
        """Have an event delivered. A failure is logged: delivery is best effort, as on AWS."""
        self._events.put((detail_type, arn, detail))

    def _run(self) -> None:
        while True:
            detail_type, arn, detail = self._events.get()
            try:
                with request_scope(*self._scope):
                    put_event(self._source, detail_type, arn, detail)
            except Exception:  # noqa: BLE001 - what listens must not end what tells
                _log.exception("%s of %s could not be told", detail_type, arn)
