"""Parsed definitions, which all executions of a machine share while they run on threads of their own."""

from __future__ import annotations

import json
import threading
from types import SimpleNamespace
from typing import Any

from loopback_aws.states.data.jsonata.locations import locate
from loopback_aws.states.runs.programs import parse
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata


def test_a_state_may_be_marked_by_another_execution_while_its_expressions_are_located() -> None:
    class Expression(StringJSONata):
        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, value)
            if name == "location":
                state.located_by_another = True

    state = SimpleNamespace()
    state.first = [Expression("1")]
    state.second = [Expression("2")]
    locate(state)
    assert state.located is True


def test_a_definition_that_many_ask_for_at_once_is_parsed_once() -> None:
    states = {"Only": {"Type": "Pass", "Comment": "asked for by many", "End": True}}
    definition = json.dumps({"StartAt": "Only", "States": states})
    programs: list[Any] = []
    threads = [threading.Thread(target=lambda: programs.append(parse(definition)[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, programs))) == 1
