"""A SQLite file with one writing thread: writes wait in memory until the next commit, reads see them all."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loopback_aws.errors import LocalError

WAITING_BYTES = 32 * 1024 * 1024
"""How much text may wait for a commit; who writes more waits until there is room."""
WAITING_WRITES = 20_000
"""How many writes may wait for a commit."""
_log = logging.getLogger("loopback_aws.states.history.database")

Write = tuple[str, tuple[Any, ...]]


class ClosedError(Exception):
    """The file is closed: the local AWS ends."""


class Database:
    """Commits in batches: whatever came while the last batch was written is the next one."""

    def __init__(self, path: Path, schema: str, version: int) -> None:
        """Open or create the file. One that is damaged, or of another version, is kept beside its place and
        a new one begun; `up` says so. LocalError when the file cannot be opened or written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writing = _opened(path, schema, version)
        self._reading = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._read_lock = threading.Lock()
        self._changed = threading.Condition()
        self._waiting: list[Write] = []
        self._waiting_bytes = 0
        self._put = 0
        self._written = 0
        self._closing = False
        self._losing = False
        self._path = path
        self._thread = threading.Thread(target=self._run, name="states-writer", daemon=True)
        self._thread.start()

    def write(self, *writes: Write) -> None:
        """Have statements executed, in this order and in one transaction; nothing once it is closed."""
        size = sum(len(value) for _, values in writes for value in values if isinstance(value, str))
        with self._changed:
            self._changed.wait_for(self._has_room)
            if self._closing:
                return
            self._waiting += writes
            self._waiting_bytes += size
            self._put += len(writes)
            self._changed.notify_all()

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, which sees everything that was written before. ClosedError."""
        with self._changed:
            wanted = self._put
            self._changed.wait_for(lambda: self._written >= wanted)
        with self._read_lock:
            if self._closing:
                raise ClosedError
            return self._reading.execute(sql, values).fetchall()

    def seal(self) -> None:
        """Take nothing more and let nobody read; what waits is still written."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def close(self) -> None:
        """Write what waits, and close the file."""
        self.seal()
        self._thread.join()
        with self._read_lock:
            self._reading.close()

    def _has_room(self) -> bool:
        full = len(self._waiting) >= WAITING_WRITES or self._waiting_bytes >= WAITING_BYTES
        return self._closing or not full

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                batch, self._waiting, self._waiting_bytes = self._waiting, [], 0
                self._changed.notify_all()
            if not batch:
                return self._writing.close()
            self._commit(batch)
            with self._changed:
                self._written += len(batch)
                self._changed.notify_all()

    def _commit(self, batch: list[Write]) -> None:
        try:
            self._writing.execute("BEGIN")
            for sql, values in batch:
                self._writing.execute(sql, values)
            self._writing.execute("COMMIT")
            self._losing = False
        except sqlite3.Error as error:  # a full disk must not hold executions for ever
            if not self._losing:
                _log.error("%s cannot be written (%s): what executions do is lost", self._path, error)
            self._losing = True  # said once until it can be written again
            with contextlib.suppress(sqlite3.Error):
                self._writing.execute("ROLLBACK")


def _opened(path: Path, schema: str, version: int) -> sqlite3.Connection:
    try:
        return _connected(path, schema, version)
    except sqlite3.OperationalError as error:  # the file is as it was: it must stay in its place
        raise LocalError(
            f"{path} cannot be opened or written ({error}). See that the disk has room and that the folder "
            "is yours, or give the local AWS another one with --state DIR."
        ) from None
    except (sqlite3.DatabaseError, ValueError) as error:
        aside = f"{path.name}.unreadable-{time.strftime('%Y%m%dT%H%M%S')}"
        for part in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + part).rename(path.with_name(aside + part))
        said = f"{path} cannot be read ({error}); executions start empty, the file is kept as {aside}"
        print(f"warning: {said}", flush=True)  # `up` repeats lines that begin so
        return _connected(path, schema, version)


def _connected(path: Path, schema: str, version: int) -> sqlite3.Connection:
    """A connection that leaves transactions to its user, on a file that has the tables."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")  # a crash of the machine may cost the last commits
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found not in (0, version):
            raise ValueError(f"it has version {found} and not {version}")
        ((sound,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
        if sound != "ok":
            raise ValueError(sound.replace("\n", " "))
        connection.executescript(schema)
        connection.execute(f"PRAGMA user_version={version}")
    except BaseException:
        connection.close()
        raise
    return connection
