"""What is kept of executions, their histories, map runs and the map runs' children: one SQLite file.

Nothing here grows in memory with the number of executions. Executions that have ended are kept for 90 days,
as on AWS ("Quotas related to state machine executions"); older ones go when the file is opened.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loopback_aws.states.history import rows
from loopback_aws.states.history.database import Database, NotKeptError, Write
from loopback_aws.states.records import Child, Event, Execution, MapRun

RETENTION = timedelta(days=90)
"""How long an execution and its history are kept after its end."""
PLACES = ", ".join("?" * 11)
PAGE = 500
"""Children that are read at once."""
VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS machines (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS executions (
    arn TEXT PRIMARY KEY, machine TEXT NOT NULL, version TEXT, alias TEXT, map_run TEXT,
    status TEXT NOT NULL, redriven INTEGER NOT NULL, moment REAL NOT NULL, stop REAL,
    machine_key TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS executions_of_machine ON executions (machine, moment, arn) WHERE map_run IS NULL;
CREATE INDEX IF NOT EXISTS executions_of_map_run ON executions (map_run, moment, arn);
CREATE INDEX IF NOT EXISTS executions_by_status ON executions (status);
CREATE TABLE IF NOT EXISTS events (
    execution TEXT, id INTEGER, text TEXT NOT NULL, PRIMARY KEY (execution, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS map_runs (
    arn TEXT PRIMARY KEY, execution TEXT NOT NULL, status TEXT NOT NULL, moment REAL NOT NULL,
    text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS map_runs_of_execution ON map_runs (execution);
CREATE TABLE IF NOT EXISTS children (
    map_run TEXT, number INTEGER, status TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (map_run, number)
) WITHOUT ROWID;
"""
"""`moment` is what lists are sorted by; an execution's `text` lacks its machine: see `machine_key`."""


class Store:
    """Thread-safe. Writes return at once and are committed in batches; reads see all that was put before."""

    def __init__(self, path: Path) -> None:
        """Open the file; what is too old is gone."""
        self._database = Database(path, SCHEMA, VERSION)
        self._known_machines: set[str] = set()
        self._machines_lock = threading.Lock()
        self._forget("stop < ?", (datetime.now(UTC) - RETENTION).timestamp())

    def put_execution(self, execution: Execution) -> None:
        """Insert the execution as it is now, or replace what was put of it before."""
        key, machine = rows.machine_text(execution.machine)
        values = (
            execution.arn,
            execution.machine.arn,
            execution.machine.version_arn,
            execution.machine.alias_arn,
            execution.map_run,
            execution.status,
            execution.redrives > 0,
            _moment(execution),
            execution.stop.timestamp() if execution.stop else None,
            key,
            rows.text_of(execution, without="machine"),
        )
        writes: list[Write] = [(f"INSERT OR REPLACE INTO executions VALUES ({PLACES})", values)]
        with self._machines_lock:
            if key not in self._known_machines:
                writes.insert(0, ("INSERT OR IGNORE INTO machines VALUES (?, ?)", (key, machine)))
                self._known_machines.add(key)
            self._database.write(*writes)

    def confirm(self, execution: Execution) -> None:
        """Return when an execution that was put is on disk. NotKeptError: it is not, nor will it be."""
        try:
            self._database.commit()
        except NotKeptError:
            self.forget_execution(execution.arn)
            raise

    def execution(self, arn: str) -> Execution | None:
        found = self._executions("e.arn = ?", (arn,), limit=1)
        return found[0] if found else None

    def executions(
        self,
        *,
        machine: str | None = None,
        map_run: str | None = None,
        status: str | None = None,
        redriven: bool | None = None,
        limit: int,
        after: str | None = None,
    ) -> tuple[list[Execution], str | None]:
        """At most `limit` executions, newest first, and what to give as `after` for the next ones.

        Running ones are sorted by their start or redrive, others by their end. `machine` is the ARN of a
        state machine, or of a version or an alias of it; a machine's executions are without those that its
        map runs started. ValueError when `after` is not one of this method's.
        """
        conditions: dict[str, Any] = {}
        if machine is not None:
            conditions[f"e.map_run IS NULL AND e.{_column(machine)} = ?"] = machine
        if map_run is not None:
            conditions["e.map_run = ?"] = map_run
        if status is not None:
            conditions["e.status = ?"] = status
        if redriven is not None:
            conditions["e.redriven = ?"] = redriven
        where, values = list(conditions), list(conditions.values())
        if after is not None:
            moment, _, arn = after.partition("|")
            where.append("(e.moment, e.arn) < (?, ?)")
            values += [float(moment), arn]
        found = self._executions(" AND ".join(where) or "1", values, limit=limit + 1)
        more = len(found) > limit
        return found[:limit], f"{_moment(found[limit - 1])!r}|{found[limit - 1].arn}" if more else None

    def add_event(self, arn: str, event: Event) -> None:
        """Append to the history of an execution."""
        sql = "INSERT OR REPLACE INTO events VALUES (?, ?, ?)"
        self._database.write((sql, (arn, event["id"], rows.text_of(event))))

    def events(self, arn: str, *, limit: int, after: int | None = None, reverse: bool = False) -> list[Event]:
        """At most `limit` events in order of their ids, or the other way round, beyond the id `after`."""
        where, order = ("id < ?", "DESC") if reverse else ("id > ?", "ASC")
        first = after if after is not None else (2**62 if reverse else 0)
        sql = f"SELECT text FROM events WHERE execution = ? AND {where} ORDER BY id {order} LIMIT ?"
        return [rows.event_of(text) for (text,) in self._database.read(sql, (arn, first, limit))]

    def put_map_run(self, map_run: MapRun) -> None:
        """Insert the map run as it is now, or replace what was put of it before."""
        values = (map_run.arn, map_run.execution, map_run.status, map_run.start.timestamp())
        sql = "INSERT OR REPLACE INTO map_runs VALUES (?, ?, ?, ?, ?)"
        self._database.write((sql, (*values, rows.text_of(map_run))))

    def map_run(self, arn: str) -> MapRun | None:
        found = self._database.read("SELECT text FROM map_runs WHERE arn = ?", (arn,))
        return rows.map_run_of(found[0][0]) if found else None

    def map_runs(self, execution: str) -> list[MapRun]:
        """The map runs of an execution, newest first."""
        sql = "SELECT text FROM map_runs WHERE execution = ? ORDER BY moment DESC, arn"
        return [rows.map_run_of(text) for (text,) in self._database.read(sql, (execution,))]

    def put_child(self, map_run: str, child: Child) -> None:
        """Insert the row of a map run's child, or replace what was put of it before."""
        values = (map_run, child.index, child.status, rows.text_of(child))
        self._database.write(("INSERT OR REPLACE INTO children VALUES (?, ?, ?, ?)", values))

    def children(self, map_run: str, *, status: str | None = None) -> Iterator[Child]:
        """The children in order of their index, read as the iterator goes on."""
        where, values = ("", ()) if status is None else ("AND status = ?", (status,))
        sql = (
            f"SELECT number, text FROM children WHERE map_run = ? AND number > ? {where} "
            "ORDER BY number LIMIT ?"
        )
        last = -1
        while page := self._database.read(sql, (map_run, last, *values, PAGE)):
            last = page[-1][0]
            yield from (rows.child_of(text) for _, text in page)

    def unfinished(self) -> tuple[list[Execution], list[MapRun]]:
        """Executions and map runs that have not ended."""
        sql = "SELECT text FROM map_runs WHERE status = 'RUNNING'"
        map_runs = [rows.map_run_of(text) for (text,) in self._database.read(sql)]
        return self._executions("e.status IN ('RUNNING', 'PENDING_REDRIVE')", (), limit=-1), map_runs

    def forget_machine(self, arn: str) -> None:
        """Drop everything about the executions of a state machine, and of its map runs."""
        self._forget("machine = ? OR machine GLOB ?", arn, f"{arn}/*")

    def forget_execution(self, arn: str) -> None:
        """Drop an execution with its history and its map runs."""
        self._forget("arn = ?", arn)

    def commit(self) -> None:
        """Return when all that was put is on disk. NotKeptError, ClosedError."""
        self._database.commit()

    def check(self) -> None:
        """NotKeptError while the disk takes nothing."""
        self._database.check()

    def seal(self) -> None:
        """Drop what is put from now on; who reads gets ClosedError."""
        self._database.seal()

    def close(self) -> None:
        """Write what waits; puts that come later are dropped."""
        self._database.close()

    def _executions(self, where: str, values: Any, *, limit: int) -> list[Execution]:
        sql = (
            "SELECT e.text, m.text FROM executions e JOIN machines m ON m.key = e.machine_key "
            f"WHERE {where} ORDER BY e.moment DESC, e.arn DESC LIMIT ?"
        )
        return [rows.execution_of(*row) for row in self._database.read(sql, (*values, limit))]

    def _forget(self, where: str, *values: Any) -> None:
        """Drop executions with what hangs on them."""
        executions = f"SELECT arn FROM executions WHERE {where}"
        map_runs = f"SELECT arn FROM map_runs WHERE execution IN ({executions})"
        deletions: tuple[Write, ...] = (
            (f"DELETE FROM children WHERE map_run IN ({map_runs})", values),
            (f"DELETE FROM map_runs WHERE execution IN ({executions})", values),
            (f"DELETE FROM events WHERE execution IN ({executions})", values),
            (f"DELETE FROM executions WHERE {where}", values),
            ("DELETE FROM machines WHERE key NOT IN (SELECT machine_key FROM executions)", ()),
        )
        with self._machines_lock:
            self._known_machines.clear()
            self._database.write(*deletions)


def _moment(execution: Execution) -> float:
    """What lists are sorted by: the end, or the last start of what has not ended."""
    return (execution.stop or execution.redriven or execution.start).timestamp()


def _column(machine: str) -> str:
    """Column that holds this ARN: `…:stateMachine:name` with or without `:3` or `:PROD`."""
    qualifier = machine.split(":")[7:]
    return "machine" if not qualifier else "version" if qualifier[0].isdigit() else "alias"
