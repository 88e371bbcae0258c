"""How far a run is, and how that is shown."""

from __future__ import annotations

import pytest

from operations.runs.progress import LINE_SECONDS, Lines, run_progress
from operations.runs.watch import BatchCounts, RunState, RunWatch, read_counts
from tests.unit.operations.deployed import DeployedStage, client
from tests.unit.operations.executions import BATCH_MACHINE, Execution, end, map_run


def test_batches_that_timed_out_or_were_aborted_have_failed() -> None:
    counts = read_counts(map_run(pending=1, running=2, succeeded=3, failed=4, timedOut=5, aborted=6))
    assert counts == BatchCounts(total=21, pending=1, running=2, succeeded=3, failed=15)
    assert counts.done == 18


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState("RUNNING", "planning", None), "listing the images"),
        (
            RunState("RUNNING", "classifying", BatchCounts(1200, 1192, 8, 0, 0)),
            "0 of 1,200 batches, 8 running",
        ),
        (
            RunState("RUNNING", "classifying", BatchCounts(5, 0, 1, 2, 2)),
            "4 of 5 batches, 1 running, 2 failed",
        ),
        (RunState("RUNNING", "merging", BatchCounts(5, 0, 0, 5, 0)), "5 of 5 batches; merging the results"),
        (RunState("SUCCEEDED", "merging", BatchCounts(5, 0, 0, 5, 0)), "5 of 5 batches; succeeded"),
        (RunState("TIMED_OUT", "planning", None), "timed out"),
    ],
)
def test_a_state_in_words(state: RunState, words: str) -> None:
    assert str(state) == words


def test_a_run_is_watched_to_its_end(deployed: DeployedStage) -> None:
    states = deployed.states
    execution = states.add(BATCH_MACHINE, "run", {})
    looks = []

    def look(looked_at: Execution) -> None:
        looks.append(1)
        if len(looks) == 2:
            arn = looked_at.execution_arn
            states.map_runs[arn] = [map_run(running=2, pending=1), map_run("SUCCEEDED", succeeded=3)]
        if len(looks) == 4:
            end(execution)

    states.on_look = look
    seen: list[RunState] = []
    watch = RunWatch(client("stepfunctions"), execution.execution_arn)
    assert watch.wait(seen.append).status == "SUCCEEDED"
    assert [(state.phase, state.counts.done if state.counts else None) for state in seen] == [
        ("planning", None),
        ("classifying", 0),
        ("merging", 3),
        ("merging", 3),
    ]
    assert watch.description["status"] == "SUCCEEDED"


def test_without_a_terminal_a_line_is_told_now_and_then() -> None:
    now, told = [0.0], list[str]()
    lines = Lines(told.append, lambda: now[0])
    states = [RunState("RUNNING", "classifying", BatchCounts(9, 9 - done, 0, done, 0)) for done in range(4)]
    for state in states[:2]:
        lines(state)
    now[0] = LINE_SECONDS
    for state in (states[0], states[2], states[3]):
        lines(state)
    lines(RunState("SUCCEEDED", "merging", BatchCounts(9, 0, 0, 9, 0)))
    assert told == ["0 of 9 batches", "2 of 9 batches", "9 of 9 batches; succeeded"]


def test_progress_is_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with run_progress() as report:
        report(RunState("RUNNING", "planning", None))
    output = capsys.readouterr()
    assert (output.out, output.err) == ("", "listing the images\n")
