"""Several at once, in order, and nothing left running."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from lambda_src.core.batch.read_ahead import read_ahead


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 40])
def test_order_is_kept_and_no_more_than_asked_for_are_begun(pool: ThreadPoolExecutor, count: int) -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        return item

    for taken, result in enumerate(read_ahead(pool, work, range(count), 4)):
        assert result == taken
        assert len(begun) <= taken + 4
    assert sorted(begun) == list(range(count))


def test_four_wait_for_each_other(pool: ThreadPoolExecutor) -> None:
    together = threading.Barrier(4, timeout=60)
    assert len(list(read_ahead(pool, lambda _: together.wait(), range(8), 4))) == 8


def test_an_error_comes_in_its_turn_and_leaves_nothing_running(pool: ThreadPoolExecutor) -> None:
    running, ended = threading.Event(), threading.Event()

    def work(item: int) -> int:
        if item == 1:
            running.wait(60)
            raise ValueError("one")
        if item == 2:
            running.set()
            threading.Event().wait(0.05)
            ended.set()
        return item

    results = read_ahead(pool, work, range(100), 4)
    assert next(results) == 0
    with pytest.raises(ValueError, match="one"):
        next(results)
    assert ended.is_set(), "the third was begun, and is waited for"
    assert pool._work_queue.empty()


def test_what_waits_when_it_is_closed_is_never_done() -> None:
    begun: list[int] = []
    blocked, release = threading.Event(), threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        if item == 1:
            blocked.set()
            release.wait(60)
        return item

    with ThreadPoolExecutor(1) as pool:
        results = read_ahead(pool, work, range(100), 4)
        assert next(results) == 0
        assert blocked.wait(60)
        threading.Timer(0.05, release.set).start()
        results.close()
        assert begun == [0, 1]
