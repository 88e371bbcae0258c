"""What is taken from Distributed Map states before their definition is parsed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from loopback_aws.states.runs.distributed_fields import attach, separate, with_paths
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


def mapped(mode: str = "DISTRIBUTED", **more: Any) -> dict[str, Any]:
    processor = {"ProcessorConfig": {"Mode": mode, "ExecutionType": "EXPRESS"}, **PASS}
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **more}


def machine(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": "Map", "States": {"Map": state}, **more}


def test_takes_what_moto_does_not_know() -> None:
    said: dict[str, Any] = {"ItemBatcher": {"MaxItemsPerBatch": 2}, "ToleratedFailurePercentage": 5}
    given = machine(mapped(MaxConcurrency=3, **said))
    before = json.dumps(given)
    left, found = separate(given)
    assert json.dumps(given) == before
    assert left["States"]["Map"].keys() == {"Type", "ItemProcessor", "End", "MaxConcurrency"}
    assert found[("Map",)].said == said
    assert found[("Map",)].execution_type == "EXPRESS"
    AmazonStateLanguageParser.parse(json.dumps(left))


def test_leaves_inline_maps_alone() -> None:
    given = machine(mapped("INLINE", ItemsPath="$.items"))
    assert separate(given) == (given, {})


@pytest.mark.parametrize(
    "given", [None, [], {}, {"States": 1}, machine({"Type": "Map"}), machine({"Type": 7})]
)
def test_what_is_no_definition_stays_as_it_is(given: Any) -> None:
    assert separate(given) == (given, {})


def test_finds_states_within_states() -> None:
    inner = machine(mapped(Label="inner"))
    branches = {"Type": "Parallel", "Branches": [PASS, inner], "End": True}
    outer = {
        "Type": "Map",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "B", "States": {"B": branches}},
        "End": True,
    }
    left, found = separate({"StartAt": "Outer", "States": {"Outer": outer}})
    assert found[("Outer", "B", 1, "Map")].said == {"Label": "inner"}
    program = AmazonStateLanguageParser.parse(json.dumps(left))[0]
    attach(program, found)
    iterated = program.states.states["Outer"].iteration_component._states.states["B"]
    assert iterated.branches.programs[1].states.states["Map"].distributed.said == {"Label": "inner"}


def test_children_have_the_query_language_of_their_state() -> None:
    _, found = separate(machine(mapped(), QueryLanguage="JSONata"))
    assert found[("Map",)].language == "JSONata"
    assert json.loads(found[("Map",)].processor) == {"QueryLanguage": "JSONata", **PASS}


def test_paths_become_members_of_a_template() -> None:
    fields = {"MaxItemsPath": "$.most", "InputType": "JSON"}
    assert with_paths(fields, "MaxItems") == {"MaxItems.$": "$.most", "InputType": "JSON"}
