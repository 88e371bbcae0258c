"""The file of executions: what is put is read, in order and in pages, and survives a restart."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from loopback_aws.errors import LocalError
from loopback_aws.states.history.database import ClosedError, Database, NotKeptError
from loopback_aws.states.history.store import Store
from loopback_aws.states.records import Counts, Execution

from tests.unit.states.known import EXECUTION, MACHINE, NOON, child, execution, machine, map_run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "states.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path)
    yield store
    store.close()


def names(found: tuple[list[Execution], str | None]) -> str:
    return "".join(item.name for item in found[0])


def test_an_execution_is_read_as_it_was_when_it_was_put(store: Store) -> None:
    put = execution("a", redrives=2, redriven=NOON, cause="ü", trace_header="Root=1")
    store.put_execution(put)
    put.status = "FAILED"
    found = store.execution(put.arn)
    assert found == execution("a", redrives=2, redriven=NOON, cause="ü", trace_header="Root=1")


def test_an_unknown_execution_is_none(store: Store) -> None:
    assert store.execution("nowhere") is None


def test_lists_have_the_last_to_end_first_and_go_on_where_the_page_ended(store: Store) -> None:
    store.put_execution(execution("a", 0, status="SUCCEEDED", stop=NOON + timedelta(minutes=9)))
    store.put_execution(execution("b", 1))
    store.put_execution(execution("c", 0, redrives=1, redriven=NOON + timedelta(minutes=5)))
    first, after = store.executions(machine=MACHINE, limit=2)
    store.put_execution(execution("d", 10))  # what comes meanwhile must not move the second page
    second, end = store.executions(machine=MACHINE, limit=2, after=after)
    assert ["".join(item.name for item in page) for page in (first, second)] == ["ac", "b"]
    assert end is None


def test_lists_are_filtered(store: Store) -> None:
    one, prod = f"{MACHINE}:1", f"{MACHINE}:PROD"
    store.put_execution(execution("a", machine=machine(version_arn=one, alias_arn=prod)))
    store.put_execution(execution("b", machine=machine(version_arn=one), status="FAILED", stop=NOON))
    store.put_execution(execution("c", redrives=1, redriven=NOON))
    store.put_execution(execution("d", map_run="m"))
    assert names(store.executions(machine=MACHINE, limit=9)) == "cba"
    assert names(store.executions(machine=one, limit=9)) == "ba"
    assert names(store.executions(machine=prod, limit=9)) == "a"
    assert names(store.executions(machine=MACHINE, status="FAILED", limit=9)) == "b"
    assert names(store.executions(machine=MACHINE, redriven=True, limit=9)) == "c"
    assert names(store.executions(machine=MACHINE, redriven=False, limit=9)) == "ba"
    assert names(store.executions(map_run="m", limit=9)) == "d"


def test_events_are_read_in_pages_in_both_directions(store: Store) -> None:
    for number in range(1, 6):
        store.add_event("e", {"id": number, "type": "PassStateEntered"})
    assert [event["id"] for event in store.events("e", limit=2)] == [1, 2]
    assert [event["id"] for event in store.events("e", limit=9, after=3)] == [4, 5]
    assert [event["id"] for event in store.events("e", limit=2, reverse=True)] == [5, 4]
    assert [event["id"] for event in store.events("e", limit=9, after=3, reverse=True)] == [2, 1]


def test_the_children_of_a_map_run_come_in_order_whoever_ended_first(store: Store) -> None:
    for index in (1101, 3, 700, 0):
        store.put_child("m", child(index))
    store.put_child("m", child(5, "FAILED"))
    assert [row.index for row in store.children("m")] == [0, 3, 5, 700, 1101]
    assert [row.index for row in store.children("m", status="FAILED")] == [5]
    assert next(store.children("m")) == child(0)


def test_children_are_all_read_when_there_are_more_than_a_page(store: Store) -> None:
    for index in range(1_203):
        store.put_child("m", child(index))
    assert [row.index for row in store.children("m")] == list(range(1_203))


def test_a_map_run_is_read_as_it_was_put(store: Store) -> None:
    counts = Counts(succeeded=3, total=3)
    store.put_map_run(map_run("m", items=counts, tolerated_failure_percentage=12.5))
    found = map_run("m", items=counts, tolerated_failure_percentage=12.5)
    assert store.map_run(found.arn) == found
    assert store.map_runs(found.execution) == [found]


def test_what_was_put_is_there_after_a_restart(path: Path, store: Store) -> None:
    store.put_execution(execution("a", status="SUCCEEDED", stop=datetime.now(UTC), output="1"))
    store.close()
    again = Store(path)
    assert again.execution(f"{EXECUTION}:a") is not None
    again.close()


def test_executions_go_ninety_days_after_their_end(path: Path, store: Store) -> None:
    old = datetime.now(UTC) - timedelta(days=91)
    store.put_execution(execution("a", start=old, status="FAILED", stop=old))
    store.add_event(f"{EXECUTION}:a", {"id": 1, "type": "ExecutionStarted"})
    store.put_map_run(map_run("m", status="SUCCEEDED"))
    store.put_child(map_run("m").arn, child(0))
    store.put_execution(execution("b", status="FAILED", stop=old + timedelta(days=2)))
    store.close()
    again = Store(path)
    assert names(again.executions(limit=9)) == "b"
    assert not again.events(f"{EXECUTION}:a", limit=9)
    assert not list(again.children(map_run("m").arn))
    again.close()


def test_a_deleted_machine_takes_its_executions_along(store: Store) -> None:
    store.put_execution(execution("a"))
    store.put_execution(execution("b", machine=machine(arn=f"{MACHINE}/each"), map_run="m"))
    store.put_execution(execution("c", machine=machine(arn=f"{MACHINE}2")))
    store.forget_machine(MACHINE)
    assert names(store.executions(limit=9)) == "c"
    store.put_execution(execution("a"))
    assert store.execution(f"{EXECUTION}:a") is not None


def test_equal_machines_are_kept_once(path: Path, store: Store) -> None:
    for name in "abc":
        store.put_execution(execution(name, machine=machine(definition="{}" * 1000)))
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM machines").fetchone() == (1,)
    connection.close()


def test_writers_and_readers_on_many_threads_lose_nothing(store: Store) -> None:
    def work(thread: int) -> None:
        for number in range(1, 201):
            store.add_event(f"e{thread}", {"id": number, "type": "PassStateEntered"})
            assert store.events(f"e{thread}", limit=1, reverse=True)[0]["id"] == number

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(store.events(f"e{number}", limit=999)) for number in range(4)] == [200] * 4


def test_a_file_that_cannot_be_read_is_kept_beside_its_place(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(b"no data base" * 100)
    store = Store(path)
    store.put_execution(execution("a"))
    assert store.execution(f"{EXECUTION}:a") is not None
    store.close()
    kept = list(path.parent.glob("*.unreadable-*"))
    assert [file.read_bytes() for file in kept] == [b"no data base" * 100]
    assert capsys.readouterr().out.startswith(f"warning: {path} cannot be read (file is not a database)")


def test_a_file_with_a_damaged_page_is_kept_beside_its_place(path: Path) -> None:
    store = Store(path)
    for number in range(500):
        store.put_execution(execution(f"{number:03}"))
    store.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 8192)
    again = Store(path)
    assert again.executions(limit=1) == ([], None)
    again.close()
    assert len(list(path.parent.glob("*.unreadable-*"))) == 1


def test_a_file_that_cannot_be_opened_stays_in_its_place(path: Path) -> None:
    path.mkdir()
    with pytest.raises(LocalError, match=r"states.sqlite3 cannot be opened or written \(unable to open"):
        Store(path)
    assert [file.name for file in path.parent.iterdir()] == ["states.sqlite3"]


def test_a_full_disk_is_told_once_and_holds_nobody(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    full = Database(path, "PRAGMA max_page_count=4; CREATE TABLE IF NOT EXISTS t (text TEXT)", 1)
    for _ in range(20):
        full.write(("INSERT INTO t VALUES (?)", ("x" * 10_000,)))
        full.read("SELECT count(*) FROM t")
    with pytest.raises(NotKeptError, match=r"states.sqlite3 \(database or disk is full\): make room"):
        full.commit()
    full.close()
    assert [record.message.partition(": ")[2] for record in caplog.records] == [
        "nothing is started until it can",
        "what executions did is lost",
    ]
    assert f"{path} cannot be written (database or disk is full)" in caplog.text


def test_what_waits_for_room_is_written_when_there_is_some(path: Path) -> None:
    schema = "CREATE TABLE IF NOT EXISTS t (text TEXT)"
    full = Database(path, f"PRAGMA max_page_count=4; {schema}", 1)
    full.write(("INSERT INTO t VALUES (?)", ("x" * 50_000,)))
    with pytest.raises(NotKeptError):
        full.commit()
    assert full.read("SELECT count(*) FROM t") == [(0,)]
    full._writing.execute("PRAGMA max_page_count=4000")
    end = time.monotonic() + 60
    while full.read("SELECT count(*) FROM t") != [(1,)]:
        assert time.monotonic() < end
        time.sleep(0.05)
    full.commit()
    full.close()


def test_an_execution_that_is_not_kept_does_not_begin(path: Path) -> None:
    store = Store(path)
    store._database.write(("PRAGMA max_page_count=1", ()))
    refused = execution("a", input="x" * 200_000)
    store.put_execution(refused)
    with pytest.raises(NotKeptError):
        store.confirm(refused)
    with pytest.raises(NotKeptError):
        store.check()
    store._database._writing.execute("PRAGMA max_page_count=4000")
    store.close()
    again = Store(path)
    assert again.executions(limit=9) == ([], None)
    again.close()


def test_a_closed_file_says_so_to_who_reads(store: Store) -> None:
    store.close()
    with pytest.raises(ClosedError):
        store.execution("a")


def test_closing_ends_the_thread_and_what_comes_later_is_dropped(store: Store) -> None:
    store.close()
    store.close()
    store.put_execution(execution("a"))
    assert not [thread for thread in threading.enumerate() if thread.name == "states-writer"]
