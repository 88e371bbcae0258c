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
RETRY_SECONDS = 0.5
"""How long after a failure of the disk the same batch is tried again."""
_log = logging.getLogger("loopback_aws.states.history.database")

Write = tuple[str, tuple[Any, ...]]


class ClosedError(Exception):
    """The file is closed: the local AWS ends."""


class NotKeptError(Exception):
    """The disk does not take what is written; the text says why, and the way out."""


class Database:
    """Commits in batches: whatever came while the last batch was written is the next one.

    What the disk does not take waits until it does, while there is room in memory; meanwhile nobody is held.
    """

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
        self._failure: sqlite3.OperationalError | None = None
        self._losing = False
        self._path = path
        self._thread = threading.Thread(target=self._run, name="states-writer", daemon=True)
        self._thread.start()

    def write(self, *writes: Write) -> None:
        """Have statements executed, in this order and in one transaction; nothing once it is closed."""
        size = sum(map(_size, writes))
        with self._changed:
            self._changed.wait_for(self._has_room)
            if self._closing:
                return
            if self._failure and not self._has_place():
                self._lose(self._failure)
                return
            self._waiting += writes
            self._waiting_bytes += size
            self._put += len(writes)
            self._changed.notify_all()

    def commit(self) -> None:
        """Return when all that was written before is in the file. ClosedError. NotKeptError when the disk
        does not take it; it may still be there later."""
        with self._changed:
            wanted = self._put
            self._changed.wait_for(lambda: self._written >= wanted or self._failure or self._closing)
            if self._closing:
                raise ClosedError
        self.check()

    def check(self) -> None:
        """NotKeptError while the disk does not take what is written."""
        if failure := self._failure:
            raise NotKeptError(
                f"The local AWS cannot write {self._path} ({failure}): make room on its disk, and try again."
            )

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, which sees everything that was written before; while the disk is full, what
        is in the file. ClosedError."""
        with self._changed:
            wanted = self._put
            self._changed.wait_for(lambda: self._written >= wanted or self._failure)
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
        return bool(self._closing or self._failure) or self._has_place()

    def _has_place(self) -> bool:
        return len(self._waiting) < WAITING_WRITES and self._waiting_bytes < WAITING_BYTES

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                batch = list(self._waiting)
            if not batch:
                return self._writing.close()
            try:
                self._commit(batch)
            except sqlite3.OperationalError as error:
                if self._wait_for_room(error):
                    continue
            self._is_written(len(batch))

    def _is_written(self, number: int) -> None:
        """Forget the first of what waits."""
        with self._changed:
            self._failure, self._losing = None, False
            del self._waiting[:number]
            self._waiting_bytes = sum(_size(write) for write in self._waiting)
            self._written += number
            self._changed.notify_all()

    def _wait_for_room(self, error: sqlite3.OperationalError) -> bool:
        """Whether to try again, after a moment; what cannot be written when all ends is lost."""
        with self._changed:
            if not self._failure:
                _log.error("%s cannot be written (%s): nothing is started until it can", self._path, error)
            self._failure = error
            self._changed.notify_all()
            if self._closing:
                self._lose(error)
                return False
            self._changed.wait_for(lambda: self._closing, RETRY_SECONDS)
            return True

    def _lose(self, error: sqlite3.OperationalError) -> None:
        if not self._losing:
            _log.error("%s cannot be written (%s): what executions did is lost", self._path, error)
        self._losing = True  # said once until it can be written again

    def _commit(self, batch: list[Write]) -> None:
        """Write all of the batch or nothing. OperationalError when the disk does not take it; what is wrong
        in itself is dropped."""
        try:
            self._writing.execute("BEGIN")
            for sql, values in batch:
                self._writing.execute(sql, values)
            self._writing.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self._writing.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise
            _log.exception("What executions did cannot be written to %s", self._path)


def _size(write: Write) -> int:
    return sum(len(value) for value in write[1] if isinstance(value, str))


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
