"""Fields of the machine, of its branches and item processors, and of each type of state.

The tables of https://states-language.net/spec.html and of the pages on the states in AWS's developer guide.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopback_aws.states.definitions.choice_rules import rule
from loopback_aws.states.definitions.diagnostics import Diagnostic
from loopback_aws.states.definitions.map_fields import (
    ITEM_BATCHER,
    NUMBER_PATH,
    PROCESSOR_CONFIG,
    item_reader,
    result_writer,
)
from loopback_aws.states.definitions.paths import (
    path,
    path_or_function,
    payload,
    reference_path,
    result_path,
    template,
)
from loopback_aws.states.definitions.recovery import LONGEST, catch, retry
from loopback_aws.states.definitions.scopes import Scope, State
from loopback_aws.states.definitions.shapes import Check, Shape, Value
from loopback_aws.states.definitions.values import (
    anything,
    boolean,
    decimal,
    each,
    one_of,
    structure,
    text,
    timestamp,
    whole,
)

Checks = dict[str, Check]
_LANGUAGE = one_of("JSONPath", "JSONata")
_COMMON: Checks = {"Type": text, "Comment": anything, "QueryLanguage": _LANGUAGE}
_MOVING: Checks = {**_COMMON, "Next": text, "End": boolean, "Assign": template}
_FAILING: Checks = {"Retry": retry, "Catch": catch}
_INPUT: Checks = {"InputPath": path, "OutputPath": path}
_WORK: Checks = {**_INPUT, "Parameters": payload, "ResultSelector": template, "ResultPath": result_path}
_OUTPUT: Checks = {"Output": payload}
_ONWARD = (("Next", "End"),)
_SCOPE: Checks = {"Comment": anything, "StartAt": text, "States": structure}

MACHINE = Shape(
    fields={**_SCOPE, "Version": text, "TimeoutSeconds": whole(1, LONGEST), "QueryLanguage": _LANGUAGE},
    required=("StartAt", "States"),
)
BRANCH = Shape(fields={**_SCOPE, "Version": text, "TimeoutSeconds": anything}, required=("StartAt", "States"))
PROCESSOR = Shape(
    fields={**_SCOPE, "Version": text, "TimeoutSeconds": anything, "ProcessorConfig": PROCESSOR_CONFIG},
    required=("StartAt", "States"),
)
STATES: dict[str, Shape] = {
    "Task": Shape(
        fields={
            **_MOVING,
            **_FAILING,
            "Resource": text,
            "Credentials": structure,
            "TimeoutSeconds": whole(1, LONGEST),
            "HeartbeatSeconds": whole(1, LONGEST),
        },
        jsonpath={
            **_WORK,
            "TimeoutSecondsPath": reference_path(),
            "HeartbeatSecondsPath": reference_path(),
        },
        jsonata={**_OUTPUT, "Arguments": anything},
        required=("Resource",),
        one_of=(
            ("TimeoutSeconds", "TimeoutSecondsPath"),
            ("HeartbeatSeconds", "HeartbeatSecondsPath"),
        ),
        needs_one_of=_ONWARD,
    ),
    "Pass": Shape(
        fields=_MOVING,
        jsonpath={**_INPUT, "Parameters": payload, "Result": anything, "ResultPath": result_path},
        jsonata=_OUTPUT,
        needs_one_of=_ONWARD,
    ),
    "Wait": Shape(
        fields={**_MOVING, "Seconds": whole(0, LONGEST), "Timestamp": timestamp},
        jsonpath={**_INPUT, "SecondsPath": reference_path(), "TimestampPath": reference_path()},
        jsonata=_OUTPUT,
        one_of=(("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),),
        needs_one_of=(("Seconds", "SecondsPath", "Timestamp", "TimestampPath"), *_ONWARD),
    ),
    "Choice": Shape(
        fields={**_COMMON, "Choices": each(rule, empty=False), "Default": text, "Assign": template},
        jsonpath=_INPUT,
        jsonata=_OUTPUT,
        required=("Choices",),
    ),
    "Succeed": Shape(fields=_COMMON, jsonpath=_INPUT, jsonata=_OUTPUT),
    "Fail": Shape(
        fields={**_COMMON, "Error": text, "Cause": text},
        jsonpath={"ErrorPath": path_or_function, "CausePath": path_or_function},
        one_of=(("Error", "ErrorPath"), ("Cause", "CausePath")),
    ),
    "Parallel": Shape(
        fields={**_MOVING, **_FAILING, "Branches": each(structure)},
        jsonpath=_WORK,
        jsonata={**_OUTPUT, "Arguments": anything},
        required=("Branches",),
        needs_one_of=_ONWARD,
    ),
    "Map": Shape(
        fields={
            **_MOVING,
            **_FAILING,
            "ItemProcessor": structure,
            "Iterator": structure,
            "ItemSelector": payload,
            "ItemReader": item_reader,
            "ItemBatcher": ITEM_BATCHER,
            "ResultWriter": result_writer,
            "Label": text,
            "MaxConcurrency": whole(0),
            "ToleratedFailureCount": whole(0),
            "ToleratedFailurePercentage": decimal(0.0, 100.0),
        },
        jsonpath={
            **_WORK,
            "ItemsPath": path,
            "MaxConcurrencyPath": NUMBER_PATH,
            "ToleratedFailureCountPath": NUMBER_PATH,
            "ToleratedFailurePercentagePath": NUMBER_PATH,
        },
        jsonata={**_OUTPUT, "Items": anything},
        one_of=(
            ("ItemProcessor", "Iterator"),
            ("ItemSelector", "Parameters"),
            ("MaxConcurrency", "MaxConcurrencyPath"),
            ("ToleratedFailureCount", "ToleratedFailureCountPath"),
            ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
        ),
        needs_one_of=(("ItemProcessor", "Iterator"), *_ONWARD),
    ),
}
_SCOPES = {"machine": MACHINE, "branch": BRANCH, "processor": PROCESSOR}


def scope_problems(scope: Scope) -> Iterator[Diagnostic]:
    """Problems of a machine, branch or processor, and of the states directly in it."""
    yield from _SCOPES[scope.kind](Value(scope.fields, scope.path, scope.language))
    for state in scope.states:
        yield from _state_problems(scope, state)


def _state_problems(scope: Scope, state: State) -> Iterator[Diagnostic]:
    value = Value(state.fields, state.path, state.language)
    if not isinstance(state.fields, dict):
        yield from value.problem("Expected value of type Object")
    elif "Type" not in state.fields:
        yield from value.problem("These fields are required: [Type]")
    elif not isinstance(state.type, str) or state.type not in STATES:
        yield from one_of(*sorted(STATES))(value.at("Type"))
    else:
        if scope.language == "JSONata" and state.fields.get("QueryLanguage") == "JSONPath":
            yield from value.problem(
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
            )
        yield from STATES[state.type](value)
        yield from _relations(value)


def _relations(value: Value) -> Iterator[Diagnostic]:
    """What no single field says."""
    if value.of.get("Type") not in ("Choice", "Succeed", "Fail"):
        if value.of.get("End") is True and "Next" in value.of:
            yield from value.problem("There should only be one of the following fields: [End, Next]")
        if value.of.get("End") is False and "Next" not in value.of:
            yield from value.problem("There should be one of the following fields: [Next, End]")
    timeout, heartbeat = value.of.get("TimeoutSeconds"), value.of.get("HeartbeatSeconds")
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        yield from value.problem("HeartbeatSeconds must be smaller than TimeoutSeconds")
