"""What the local Step Functions cost: a chain of functions, and many items of a Distributed Map.

Chains and direct calls take turns, so that a busy machine disturbs them alike; each figure is a median. An
Express chain is timed by its caller, who waits for its answer; a Standard one by its own start and stop,
because asking whether it has ended costs as much as a function.
"""

from __future__ import annotations

import io
import json
import statistics
import time
import zipfile
from collections.abc import Callable
from typing import Any

from bench.local_aws import Clients, local_aws, resident_megabytes
from contracts.names import LOOPBACK_ACCOUNT

ROUNDS = 60
ITEMS = (2_000, 20_000)
ROLE = f"arn:aws:iam::{LOOPBACK_ACCOUNT}:role/bench"
GOAL = 1.5
"""Largest ratio of a chain to its functions called directly, one after the other."""
Entry = dict[str, Any]


def run(rounds: int = ROUNDS, items: tuple[int, int] = ITEMS) -> list[Entry]:
    """A chain of three functions, Express and Standard; memory and speed of a Distributed Map."""
    with local_aws() as aws:
        return [*chain(aws.client, rounds), *distributed_map(aws.client, aws.pid, items)]


def chain(client: Clients, rounds: int) -> list[Entry]:
    """Milliseconds of a chain of three warm functions and of three direct invocations."""
    functions = [function(client, f"bench-{number}") for number in range(3)]
    states = client("stepfunctions")
    standard, express = (machine(states, kind, chained(functions)) for kind in ("STANDARD", "EXPRESS"))
    invoke = client("lambda").invoke
    calls: dict[str, Callable[[], float]] = {
        "direct": lambda: by_the_clock(
            lambda: [invoke(FunctionName=name, Payload=b'{"x": 1}')["Payload"].read() for name in functions]
        ),
        "Express": lambda: by_the_clock(
            lambda: succeeded(states.start_sync_execution(stateMachineArn=express, input='{"x": 1}'))
        ),
        "Standard": lambda: by_its_own(finished(states, standard, '{"x": 1}')),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 5):
        for name, call in calls.items():
            taken = call()
            if number >= 5:
                times[name].append(taken)
    return [
        ratio(f"{name} chain of three warm functions", "ms", times[name], times["direct"], GOAL)
        for name in ("Express", "Standard")
    ]


def distributed_map(client: Clients, pid: int, items: tuple[int, int]) -> list[Entry]:
    """Resident memory after many items against after few, and items a second."""
    states = client("stepfunctions")
    arn = machine(states, "STANDARD", over_items())
    resident, seconds = [], []
    for count in (100, *items):
        client_input = json.dumps({"count": count // 1000 or 1, "each": min(count, 1000)})
        begin = time.perf_counter()
        finished(states, arn, client_input)
        seconds.append(time.perf_counter() - begin)
        resident.append(resident_megabytes(pid))
    few, many = items
    return [
        {
            "name": f"memory after a Distributed Map of {many} items / after {few}",
            "value": round(resident[2], 1),
            "unit": "MB",
            "reference": round(resident[1], 1),
            "ratio": round(resident[2] / resident[1], 3),
            "goal": 1.2,
            "met": resident[2] / resident[1] <= 1.2,
        },
        {
            "name": f"Distributed Map of {many} items that pass",
            "value": round(many / seconds[2]),
            "unit": "items/s",
            "reference": None,
            "ratio": None,
            "goal": None,
            "met": None,
        },
    ]


def over_items() -> dict[str, Any]:
    """A Distributed Map over `count` x `each` numbers, whose children do nothing."""
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "Items": "{% [1..$states.input.count * $states.input.each] %}",
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                    "StartAt": "Pass",
                    "States": {"Pass": {"Type": "Pass", "End": True}},
                },
                "Output": "{% $count($states.result) %}",
                "End": True,
            }
        },
    }


def chained(functions: list[str]) -> dict[str, Any]:
    """Three Lambda tasks, each handing its function's result to the next."""
    names = [f"Function {number}" for number in range(len(functions))]
    follows = [{"Next": name} for name in names[1:]] + [{"End": True}]
    return {
        "StartAt": names[0],
        "States": {
            name: {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": function, "Payload.$": "$"},
                "OutputPath": "$.Payload",
                **follow,
            }
            for name, function, follow in zip(names, functions, follows, strict=True)
        },
    }


def function(client: Clients, name: str) -> str:
    """A function that returns what it was given; its name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "def handler(event, context):\n    return event\n")
    client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.14",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return name


def machine(states: Any, kind: str, definition: dict[str, Any]) -> str:
    """Create a state machine; its ARN."""
    arn: str = states.create_state_machine(
        name=f"bench-{kind.lower()}-{time.monotonic_ns()}",
        type=kind,
        roleArn=ROLE,
        definition=json.dumps(definition),
    )["stateMachineArn"]
    return arn


def by_the_clock(call: Callable[[], object]) -> float:
    """Milliseconds that a call takes."""
    begin = time.perf_counter()
    call()
    return (time.perf_counter() - begin) * 1000


def by_its_own(description: dict[str, Any]) -> float:
    """Milliseconds from the start to the stop of an execution."""
    return float((description["stopDate"] - description["startDate"]).total_seconds() * 1000)


def finished(states: Any, arn: str, given: str) -> dict[str, Any]:
    """Start an execution and wait for its success; what is said of it then."""
    execution = states.start_execution(stateMachineArn=arn, input=given)["executionArn"]
    time.sleep(0.03)  # most have ended then, without having been disturbed
    while (description := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.01)
    succeeded(description)
    return dict(description)


def succeeded(description: dict[str, Any]) -> None:
    if description["status"] != "SUCCEEDED":
        why = f"{description.get('error')}: {description.get('cause')}"
        raise RuntimeError(f"the execution ended as {description['status']}, {why}")


def ratio(name: str, unit: str, values: list[float], references: list[float], goal: float) -> Entry:
    """An entry whose ratio is the median of the ratios within each round."""
    found = statistics.median(value / reference for value, reference in zip(values, references, strict=True))
    return {
        "name": name,
        "value": round(statistics.median(values), 2),
        "unit": unit,
        "reference": round(statistics.median(references), 2),
        "ratio": round(found, 3),
        "goal": goal,
        "met": found <= goal,
    }
