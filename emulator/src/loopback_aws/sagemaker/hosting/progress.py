"""What endpoints' records tell of the work under way on them, and who hears of each change."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from loopback_aws.sagemaker.hosting.deployment import Deployment
from loopback_aws.sagemaker.store import Record, Store


class Listener(Protocol):
    """Who hears of what happens to endpoints, before anything else can happen to them: it must not wait."""

    def status_changed(self, record: Record) -> None: ...

    def deployment_changed(self, record: Record) -> None: ...


class Progress:
    """Notes statuses and stages in the store and tells of them."""

    def __init__(self, store: Store, stopping: threading.Event) -> None:
        """Once `stopping` is set nothing is noted: the file says what was under way, for the next start."""
        self._store = store
        self._stopping = stopping
        self.listener: Listener | None = None

    def tell(self, record: Record) -> None:
        """Tell of the status that the record has."""
        if self.listener:
            self.listener.status_changed(record)

    def rolling_back(self, record: Record) -> None:
        """What was begun is taken back."""
        if not self._stopping.is_set():
            with self._store.note():
                record |= {"EndpointStatus": "RollingBack", "LastModifiedTime": time.time()}
                self.tell(record)

    def finish(self, record: Record, status: str, reason: str | None = None) -> None:
        """No work is under way any more; `reason` says what failed."""
        if self._stopping.is_set():
            return
        with self._store.note():
            for under_way in ("_pending", "_stages"):
                record.pop(under_way, None)
            record |= {"EndpointStatus": status, "LastModifiedTime": time.time()}
            if reason:
                record["FailureReason"] = reason
            self.tell(record)

    def stage(self, record: Record, status: str, messages: dict[str, str], *, incoming: bool) -> None:
        """What happens to variants, each with its message: to those that come with an update, or to those
        that the endpoint is on."""
        if self._stopping.is_set() or not messages:
            return
        stages = {
            name: {"Status": status, "StatusMessage": message, "StartTime": time.time()}
            for name, message in messages.items()
        }
        with self._store.note():
            if incoming:
                record["_pending"]["stages"] = stages
            else:
                record["_stages"] = stages
            record["LastModifiedTime"] = time.time()
            if self.listener:
                self.listener.deployment_changed(record)


def terminating(deployment: Deployment) -> dict[str, str]:
    """AWS's message for each variant of a fleet that ends."""
    return {name: f"Terminating {fleet.running} instance(s)." for name, fleet in deployment.fleets.items()}


def scaling(before: dict[str, int], after: dict[str, int]) -> dict[str, str]:
    """AWS's message for each variant whose instance count changes; that of scaling in is not documented."""
    return {
        name: f"Scaling {'out' if count > before[name] else 'in'} desired instance count to {count}."
        for name, count in after.items()
        if count != before[name]
    }
