"""The state machines' definitions under the check that Step Functions makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.local.deployed.emulator import Emulator

SNAPSHOTS = Path(__file__).resolve().parents[1] / "template" / "__snapshots__" / "test_snapshots"


def machines(size: str) -> dict[str, dict[str, Any]]:
    """The definitions of a workflow stack's snapshot, by the machines' names."""
    template = json.loads((SNAPSHOTS / f"test_template[{size}-workflow].json").read_text(encoding="utf-8"))
    return {
        resource["Properties"]["StateMachineName"]: resource["Properties"]["DefinitionString"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
    }


def problems(aws: Emulator, definition: dict[str, Any]) -> list[str]:
    """Where the definition has which problem."""
    states = aws.client("stepfunctions")
    found = states.validate_state_machine_definition(definition=json.dumps(definition))["diagnostics"]
    return [f"{problem['code']} at {problem['location']}" for problem in found]


@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_a_check_as_aws_makes_it_finds_nothing(aws: Emulator, size: str) -> None:
    made = machines(size)
    assert len(made) == 2
    for definition in made.values():
        assert problems(aws, definition) == []


def test_a_check_as_aws_makes_it_finds_what_is_wrong(aws: Emulator) -> None:
    machine = machines("smallest")["scones-test-classify-batch"]
    bounded = machine["States"]["Classify batches"] | {"ToleratedFailurePercentage": "10"}
    wrong = machine | {"States": machine["States"] | {"Classify batches": bounded}}
    (problem,) = problems(aws, wrong)
    assert problem.endswith(" at /States/Classify batches/ToleratedFailurePercentage")
