"""Saving: the emulator writes its state when it stops; here also while it runs, so a kill loses little."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from pathlib import Path

import ministack.app
from ministack.core import persistence

from loopback_aws.files import write_atomically

PRIVATE = (
    "ministack.app:_build_persistence_save_dict",
    "ministack.core.persistence:_json_default",
    "ministack.core.persistence:_state_format_version",
)
SHARE = 20
"""The pause after a save is at least this many times as long as the save."""
_log = logging.getLogger("loopback_aws.saving")


class Saver:
    """A thread that writes each service's state to disk soon after it changed."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder = folder
        self._seconds = seconds
        self._written: dict[str, bytes] = {}
        self._failing = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="saver", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Wait for a running save to end; the emulator's own save at its stop is the last one."""
        self._stopping.set()
        self._thread.join(30)

    def _run(self) -> None:
        pause = self._seconds
        while not self._stopping.wait(pause):
            begin = time.monotonic()
            self.save()
            pause = max(self._seconds, SHARE * (time.monotonic() - begin))

    def save(self) -> None:
        """Write every service whose state differs from what was written last."""
        for name, get_state in ministack.app._build_persistence_save_dict().items():
            try:
                self._save_service(name, get_state())
            except RuntimeError:  # changed while it was copied: the next round has it
                continue
            except OSError as error:  # the disk is full: no other file fares better
                if not self._failing:
                    _log.error("%s cannot be written (%s): nothing is saved", self._folder, error)
                self._failing = True  # said once until it can be written again
                return
            except Exception:  # noqa: BLE001 - a state that cannot be saved must not end the saving of others
                _log.exception("The state of %s could not be saved to %s", name, self._folder)
        self._failing = False

    def _save_service(self, name: str, state: object) -> None:
        if state is None:
            return
        wrapped = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
        data = json.dumps(wrapped, default=persistence._json_default).encode()
        digest = hashlib.sha256(data).digest()
        if self._written.get(name) != digest:
            write_atomically(self._folder / f"{name}.json", data)
            self._written[name] = digest
