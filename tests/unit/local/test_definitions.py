"""Definitions of state machines that are refused when they are made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.definitions import problem_of

END = {"Type": "Succeed"}
INNER = {"StartAt": "A", "States": {"A": END}}


def machine(**states: dict[str, Any]) -> str:
    return json.dumps({"StartAt": next(iter(states)), "States": states})


def test_a_sound_definition_has_no_problem() -> None:
    assert problem_of(
        machine(
            A={"Type": "Task", "Next": "B", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "D"}]},
            B={"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "C"}], "Default": "D"},
            C={"Type": "Map", "ItemProcessor": INNER, "Next": "E"},
            D={"Type": "Fail"},
            E={"Type": "Parallel", "Branches": [INNER], "End": True},
        )
    ) is None  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("{", "INVALID_JSON_DESCRIPTION"),
        ("[]", "INVALID_JSON_DESCRIPTION"),
        ("{}", "Missing 'Next' target: None at /StartAt"),
        (json.dumps({"StartAt": "B", "States": {"A": END}}), "target: B at /StartAt"),
        (machine(A={"Type": "Pass", "Next": "Gone"}), "target: Gone at /States/A/Next"),
        (machine(A={"Type": "Choice", "Choices": [], "Default": "Gone"}), "Gone at /States/A/Default"),
        (machine(A={"Type": "Choice", "Choices": [{"Next": "Gone"}]}), "Gone at /States/A/Choices[0]/Next"),
        (machine(A={"Type": "Task", "Catch": [{"Next": "Gone"}]}), "Gone at /States/A/Catch[0]/Next"),
        (
            machine(A={"Type": "Map", "ItemProcessor": {"StartAt": "X", "States": {}}}),
            "target: X at /States/A/ItemProcessor/StartAt",
        ),
        (
            machine(A={"Type": "Map", "ItemBatcher": {}, "ItemProcessor": INNER}),
            "does not emulate ItemBatcher (state 'A', Distributed Map)",
        ),
    ],
)
def test_a_problem_names_its_place(definition: str, words: str) -> None:
    assert words in (problem_of(definition) or "")
