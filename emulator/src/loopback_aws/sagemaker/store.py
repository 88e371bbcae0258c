"""What outlives the emulator: models, endpoint configs, endpoints and tags, in one JSON file."""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loopback_aws.disk import refusal
from loopback_aws.errors import ApiError
from loopback_aws.files import load_state, save_state
from loopback_aws.sagemaker.names import Region

_log = logging.getLogger("loopback_aws.sagemaker.store")

Record = dict[str, Any]
"""A resource as its Describe call answers it; keys that begin with `_` stay inside."""

LABELS = {"model": "model", "endpoint-config": "endpoint configuration", "endpoint": "endpoint"}
"""Kind in the ARN -> what AWS's messages call it."""


class Store:
    """Resources by kind and lower-case name. Changes happen inside `change()`, which saves them."""

    def __init__(self, path: Path, region: Region) -> None:
        self._path = path
        self._region = region
        self.lock = threading.RLock()
        self.tags: dict[str, dict[str, str]] = {}
        self._records: dict[str, dict[str, Record]] = {kind: {} for kind in LABELS}
        self._load()

    def arn(self, kind: str, name: str) -> str:
        return self._region.arn(kind, name)

    def find(self, kind: str, name: str) -> Record | None:
        return self._records[kind].get(name.lower())

    def need(self, kind: str, name: str) -> Record:
        """The record; ApiError in AWS's words when there is none."""
        record = self.find(kind, name)
        if record is None:
            raise ApiError("ValidationException", f'Could not find {LABELS[kind]} "{self.arn(kind, name)}".')
        return record

    def all(self, kind: str) -> list[Record]:
        with self.lock:
            return list(self._records[kind].values())

    def has_arn(self, arn: str) -> bool:
        kind, _, name = arn.rpartition(":")[2].partition("/")
        return kind in LABELS and self.find(kind, name) is not None and self.arn(kind, name) == arn.lower()

    def add(self, kind: str, name: str, record: Record, tags: list[dict[str, str]]) -> None:
        """Keep a new resource; ApiError when its name is taken."""
        arn = self.arn(kind, name)
        with self.change():
            if self.find(kind, name):
                raise ApiError(
                    "ValidationException", f'Cannot create already existing {LABELS[kind]} "{arn}".'
                )
            self._records[kind][name.lower()] = record
            if tags:
                self.tags[arn] = {tag["Key"]: tag["Value"] for tag in tags}

    def remove(self, kind: str, name: str) -> None:
        with self.change():
            self._records[kind].pop(name.lower(), None)
            self.tags.pop(self.arn(kind, name), None)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock, and write the file when the block ends without an error. When it cannot be written,
        all is as before, and the ApiError says why."""
        with self.lock:
            before = copy.deepcopy((self.tags, self._records))
            yield
            try:
                self._save()
            except OSError as error:
                self._take_back(*before)
                raise ApiError("ServiceUnavailable", refusal(error, self._path.parent), 503) from None

    @contextmanager
    def note(self) -> Iterator[None]:
        """As `change`, for what has happened: when it cannot be written now, it is with the next change."""
        with self.lock:
            yield
            try:
                self._save()
            except OSError as error:
                _log.error("%s cannot be written (%s)", self._path, error)

    def _save(self) -> None:
        save_state(self._path, {"version": 1, "tags": self.tags, "resources": self._records})

    def _take_back(self, tags: dict[str, dict[str, str]], records: dict[str, dict[str, Record]]) -> None:
        """Have every resource as it was. A record stays the object that it is, for who holds it."""
        self.tags = tags
        for kind, before in records.items():
            held = self._records[kind]
            for name, record in before.items():
                if name in held:
                    held[name].clear()
                    held[name].update(record)
                else:
                    held[name] = record
            for name in set(held) - set(before):
                del held[name]

    def _load(self) -> None:
        state = load_state(self._path, ("tags", "resources"), "SageMaker", lost="models and endpoints")
        if state:
            self.tags = state["tags"]
            self._records |= state["resources"]


def public(record: Record) -> Record:
    """The record as a Describe call shows it."""
    return {key: value for key, value in record.items() if not key.startswith("_")}
