"""A run may end anywhere, or meet another one: nothing is lost, and nothing counts twice in the numbers."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from reports.monitor import reading
from reports.monitor.state_store import StateChanged
from tests.aws import Request
from tests.unit.reports.monitor.watched import BUCKET, HOUR, MINUTE, NOON, STATE, Killed, Watched

PUTS = [STATE, *(f"reports/{name}" for name in ("2026/11/21/1200.html", "2026/11/21/1200.json"))]
PUTS += ["reports/latest.html", "reports/latest.json", STATE]
LINES = 3
"""Metrics' lines of a run on two classes: the stage's, and one a class."""


def captured(watched: Watched) -> Watched:
    watched.capture(NOON - 90 * MINUTE, [0.95, 0.6])
    watched.capture(NOON - 5 * MINUTE, [0.01] * 4, packed=True)
    return watched


def test_the_order_of_writing(watched: Watched) -> None:
    captured(watched).run(NOON)
    assert watched.s3.puts == PUTS
    assert len(watched.emitted) == LINES


@pytest.mark.parametrize("put", range(len(PUTS)))
def test_a_run_whose_writing_is_refused(watched: Watched, put: int) -> None:
    captured(watched).s3.put_ends = put
    with pytest.raises(ClientError):
        watched.run(NOON)
    watched.s3.put_ends = None
    watched.capture(NOON + MINUTE)
    watched.run(NOON + 2 * MINUTE)
    told_twice = 6 if put == len(PUTS) - 1 else 0
    assert watched.counted() == (7, 7 + told_twice)
    watched.run(NOON + HOUR)
    assert watched.counted() == (7, 7 + told_twice)


@pytest.mark.parametrize("put", [0, len(PUTS) - 1])
def test_a_writing_of_the_state_whose_answer_is_lost(watched: Watched, put: int) -> None:
    captured(watched).s3.answer_lost = put
    with pytest.raises(ClientError):
        watched.run(NOON)
    watched.s3.answer_lost = None
    watched.run(NOON + MINUTE)
    assert watched.counted() == (6, 6)


@pytest.mark.parametrize("line", range(LINES))
def test_a_run_that_is_killed_while_it_emits_metrics(watched: Watched, line: int) -> None:
    """What it emitted is emitted again: metrics are emitted at least once."""
    watched = captured(watched)
    watched.kill_after = line
    with pytest.raises(Killed):
        watched.run(NOON)
    watched.kill_after = None
    watched.run(NOON + MINUTE)
    assert watched.counted() == (6, 6 + (6 if line else 0))
    assert watched.sum("ClassInferences") == 6 + (0, 0, 2)[line], "bicycle comes before motorcycle"


def test_a_run_that_is_killed_in_a_backlog(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK_FILES", 5)
    for place in range(23):
        watched.capture(NOON - place * 20 * MINUTE)
    watched.s3.put_ends = 3
    with pytest.raises(ClientError):
        watched.run(NOON)
    watched.s3.put_ends = None
    assert watched.run(NOON + MINUTE)["files"] == 23 - 3 * 5
    assert watched.counted() == (23, 23)


def test_a_run_that_another_one_overtakes_changes_nothing(watched: Watched) -> None:
    captured(watched)
    runs: list[int] = []

    def meanwhile(_request: Request) -> None:
        del watched.aws.answers["ListExecutions"]
        runs.append(watched.run(NOON + MINUTE)["files"])

    watched.run(NOON - HOUR)
    before = len(watched.emitted)
    watched.capture(NOON - 3 * MINUTE)
    watched.aws.answers["ListExecutions"] = meanwhile
    with pytest.raises(StateChanged, match="another run of the monitor wrote"):
        watched.run(NOON)  # its files are counted; telling them, it is overtaken
    assert runs == [0]
    assert watched.numbers()["captured"]["inferences"] == 7
    assert len(watched.emitted) > before
    watched.run(NOON + HOUR)
    assert watched.numbers()["captured"]["inferences"] == 7


def test_two_runs_that_begin_together(watched: Watched) -> None:
    """The second reads the same files, and loses the race before it writes or tells anything."""
    captured(watched)

    def another_one_meanwhile(_request: Request) -> None:
        watched.aws.answers["PutObject"] = watched.s3.put
        watched.run(NOON + MINUTE)

    watched.aws.answers["PutObject"] = another_one_meanwhile
    with pytest.raises(StateChanged):
        watched.run(NOON)
    assert watched.counted() == (6, 6)
    assert watched.sum("MonitorRuns") == 1
    assert (BUCKET, "reports/2026/11/21/1200.html") not in watched.s3.objects
