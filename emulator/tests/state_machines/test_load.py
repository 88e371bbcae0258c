"""Many executions and many items: the same results as one by one, flat memory, no thread left."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import executions, functions
from tests.running.emulator import Emulator, start
from tests.running.waiting import until


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A local AWS that nobody else uses, so that its memory and threads are this file's."""
    emulator = start(tmp_path_factory.mktemp("load") / "state")
    yield emulator
    emulator.stop()


def test_32_executions_at_once_answer_as_one_by_one(alone: Emulator) -> None:
    name = functions.create(alone, "def handler(event, context):\n    return {'square': event['x'] ** 2}\n")
    machine = functions.machine(
        alone,
        {
            "First": functions.task(name, Next="Second"),
            "Second": functions.task(name, {"x": "{% $states.input.square %}"}),
        },
    )
    one_by_one = [executions.run(alone, machine, {"x": x})["output"] for x in range(32)]
    counted = [0]
    for _ in range(10):  # pools of threads grow for some rounds, what is left behind in each
        started = [executions.start(alone, machine, {"x": x}) for x in range(32)]
        assert [executions.finished(alone, arn, 60)["output"] for arn in started] == one_by_one
        counted.append(threads(alone))
        if counted[-1] <= counted[-2]:
            return
    raise AssertionError(f"threads are left after each round: {counted}")


LEFT_BY_500 = 50
"""Threads, fewer than one for ten executions: pools grow a little where the machine is busy."""


def test_500_executions_in_a_row_leave_nothing(alone: Emulator) -> None:
    states = {"Pass": {"Type": "Pass", "Output": "{% $states.input.x + 1 %}"} | END}
    machine = functions.machine(alone, states)
    for x in range(50):
        executions.run(alone, machine, {"x": x})
    before, memory = threads(alone), resident(alone)
    for x in range(500):
        assert executions.run(alone, machine, {"x": x})["output"] == str(x + 1)
    until(lambda: threads(alone) < before + LEFT_BY_500, "the threads end")
    assert resident(alone) < memory * 1.1


def test_a_rejected_definition_does_not_disturb_its_neighbours(alone: Emulator) -> None:
    states = alone.client("stepfunctions")
    good = {"A": {"Type": "Pass", "Output": "{% $states.input.x & '!' %}"} | END}
    first = functions.machine(alone, good)
    bad: list[dict[str, Any]] = [
        {"A": {"Type": "Pass", "Output": "{% 1 + %}"} | END},
        {"A": {"Type": "Pass", "Next": "Nowhere"}},
        {"A": {"Type": "Unknown"} | END},
        {"A": {"Type": "Pass", "Parameters": {}} | END},
    ]
    for definition in bad:
        with pytest.raises(states.exceptions.InvalidDefinition):
            functions.machine(alone, definition)
    second = functions.machine(alone, good)
    assert [executions.run(alone, m, {"x": "ok"})["output"] for m in (first, second)] == ['"ok!"', '"ok!"']


def test_8_000_items_of_a_distributed_map_take_no_more_memory_than_2_000(alone: Emulator) -> None:
    """Each item more may cost 1.6 kB: its number, and its place in the result. What is kept of a child of
    which something is kept, a history or a thread, is several times that."""
    machine = functions.machine(alone, {"Each": distributed()})
    peaks = {}
    for count in (2_000, 8_000):
        arn = executions.start(alone, machine, count)
        peak, most_threads = 0.0, 0
        while executions.described(alone, arn)["status"] == "RUNNING":
            peak, most_threads = max(peak, resident(alone)), max(most_threads, threads(alone))
            time.sleep(0.05)
        ended = executions.finished(alone, arn)
        assert (ended["status"], ended.get("output")) == ("SUCCEEDED", json.dumps(count * (count - 1)))
        assert most_threads < 120
        peaks[count] = peak
    assert peaks[8_000] - peaks[2_000] < 6_000 * 1.6 / 1024


END = {"End": True}


def distributed() -> dict[str, Any]:
    """A Distributed Map over as many numbers as the input says, whose result is the sum of their doubles."""
    return {
        "Type": "Map",
        "Items": "{% [0..$states.input - 1] %}",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            "StartAt": "Double",
            "States": {"Double": {"Type": "Pass", "Output": "{% $states.input * 2 %}"} | END},
        },
        "Output": "{% $sum($states.result) %}",
        "End": True,
    }


def threads(aws: Emulator) -> int:
    """Threads of the local AWS's process."""
    return len(list(Path(f"/proc/{aws.process.pid}/task").iterdir()))


def resident(aws: Emulator) -> float:
    """Its memory in MB."""
    text = Path(f"/proc/{aws.process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024
