"""Saving: the emulator writes its state when it stops; here also while it runs, so a kill loses little."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

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
COMMIT_TRIES = 100
STACKS = "cloudformation"
_log = logging.getLogger("loopback_aws.saving")


class Saver:
    """Writes each service's state to disk: by a thread soon after it changed, and whenever it is asked to."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder = str(folder)
        self.failing = False
        """Whether a save failed since the thread's last good one: the disk is full, or takes no writes."""
        self._seconds = seconds
        self._written: dict[str, bytes] = {}
        self._saving = threading.Lock()
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
        try:
            for name, get_state in _states():
                with self._saving, contextlib.suppress(RuntimeError):  # changed meanwhile: next time
                    self._save_service(name, get_state, synchronize=True)
        except OSError as error:  # the disk is full: no other file fares better
            self._fail(error)
        else:
            self.failing = False

    def _fail(self, error: OSError) -> None:
        if not self.failing:
            _log.error("%s cannot be written (%s): no change is accepted", self.folder, error)
        self.failing = True  # said once until it can be written again

    def commit(self, names: Collection[str] | None) -> None:
        """Return when what these services hold, None: all of them, is on disk. OSError when it cannot be.

        While saving fails it is written even where nothing changed: that shows whether the disk has room.
        """
        for name, get_state in _states():
            if names is None or name in names:
                self._commit_service(name, get_state)

    def _commit_service(self, name: str, get_state: Callable[[], Any]) -> None:
        for _ in range(COMMIT_TRIES):
            try:
                with self._saving:
                    return self._save_service(name, get_state, synchronize=False)
            except RuntimeError:  # changed while it was copied
                time.sleep(0.01)
            except OSError as error:
                self._fail(error)
                raise
        raise OSError(errno.EBUSY, f"{name} changes all the time")

    def _save_service(self, name: str, get_state: Callable[[], Any], *, synchronize: bool) -> None:
        try:
            if (state := get_state()) is None:
                return
            wrapped = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
            data = json.dumps(wrapped, default=persistence._json_default).encode()
        except RuntimeError:
            raise
        except Exception:  # noqa: BLE001 - a state that cannot be saved must not end the saving of others
            _log.exception("The state of %s could not be saved to %s", name, self.folder)
            return
        digest = hashlib.sha256(data).digest()
        if self._written.get(name) != digest or (self.failing and not synchronize):
            write_atomically(Path(self.folder, f"{name}.json"), data, synchronize=synchronize)
            self._written[name] = digest


def _states() -> list[tuple[str, Callable[[], Any]]]:
    """What returns the state of each service. Stacks are last: what they say is there is saved before."""
    return sorted(ministack.app._build_persistence_save_dict().items(), key=lambda item: item[0] == STACKS)
