"""Fields of a Distributed Map state that moto's grammar does not know, or not wholly; of an inline one, what
moto evaluates and does not use.

They are taken out of the definition before moto parses it, and hung on moto's Map state afterwards. Their
templates are evaluated by moto itself: each becomes the template of a Pass state of the same query language.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from loopback_aws.states.data.jsonata.locations import locate_field

Language = Literal["JSONPath", "JSONata"]
Path = tuple[str | int, ...]
"""Where a state is: names of states and, after a Parallel state's, the number of the branch."""
TOLERANCE = (
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
)
"""What is taken from an inline Map state."""
TAKEN = (
    "ItemReader",
    "ItemsPath",
    "Items",
    "ItemSelector",
    "Parameters",
    "ItemBatcher",
    "ResultWriter",
    *TOLERANCE,
    "Label",
)


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What a Map state says, as Amazon States Language has it, not evaluated yet."""

    said: dict[str, Any]
    """The fields of `TAKEN` that the state has."""
    language: Language
    processor: str
    """Definition of the children, with its query language; empty for an inline Map state."""
    execution_type: Literal["STANDARD", "EXPRESS"]


def separate(definition: Any) -> tuple[Any, dict[Path, Fields]]:
    """The definition without those fields, and the fields by state; the given definition stays as it is."""
    found: dict[Path, Fields] = {}
    if not isinstance(definition, dict):
        return definition, found
    return _without_fields(definition, "JSONPath", (), found), found


def attach(program: Any, fields: dict[Path, Fields]) -> None:
    """Give moto's Map states what `separate` has taken from them: as the attribute `distributed`, or, of an
    inline one, as `tolerance` of what runs its iterations."""
    if fields:
        _attach(program.states.states, (), fields)


class Template:
    """A value of Amazon States Language with its paths or expressions, to be evaluated again and again.

    Members whose name ends in `Path` are not known here: the caller gives them as `name.$`.
    """

    def __init__(self, value: Any, language: Language, field: str = "") -> None:
        """`field` is where in the state the value stands; failures of expressions tell it."""
        if language == "JSONata":
            state = {"Type": "Pass", "Output": value, "End": True}
        else:
            state = {"Type": "Pass", "Parameters": {"value": value}, "End": True}
        program = {"QueryLanguage": language, "StartAt": "Template", "States": {"Template": state}}
        parsed = AmazonStateLanguageParser.parse(json.dumps(program))[0].states.states["Template"]
        self._jsonata = language == "JSONata"
        self._component = parsed.output.jsonata_template_value if self._jsonata else parsed.parameters
        locate_field(self._component, field)

    def value(self, env: Any) -> Any:
        """Evaluate in a Map state's environment, whose stack has the state's effective input on top."""
        self._component.eval(env=env)
        value = env.stack.pop()
        return value if self._jsonata else value["value"]


def with_paths(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    """Fields with each `namePath` as what a template has for it: `name.$`."""
    paths = {f"{name}Path": f"{name}.$" for name in names}
    return {paths.get(key, key): value for key, value in fields.items()}


def _without_fields(
    program: dict[str, Any], language: Language, path: Path, found: dict[Path, Fields]
) -> dict[str, Any]:
    language = program.get("QueryLanguage", language)
    states = program.get("States")
    if not isinstance(states, dict):
        return program
    return program | {
        "States": {name: _state(state, language, (*path, name), found) for name, state in states.items()}
    }


def _state(state: Any, language: Language, path: Path, found: dict[Path, Fields]) -> Any:
    if not isinstance(state, dict):
        return state
    language = state.get("QueryLanguage", language)
    if state.get("Type") == "Parallel" and isinstance(state.get("Branches"), list):
        branches = [
            _without_fields(branch, language, (*path, number), found) if isinstance(branch, dict) else branch
            for number, branch in enumerate(state["Branches"])
        ]
        return state | {"Branches": branches}
    processor = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
    if state.get("Type") != "Map" or not isinstance(state.get(processor), dict):
        return state
    config = state[processor].get("ProcessorConfig")
    if isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED":
        found[path] = _fields(state, state[processor], config, language)
        known_mode = state[processor] | {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}
        state = {key: value for key, value in state.items() if key not in TAKEN} | {processor: known_mode}
    elif any(name in state for name in TOLERANCE):
        said = {key: value for key, value in state.items() if key in TOLERANCE}
        found[path] = Fields(said=said, language=language, processor="", execution_type="STANDARD")
        state = {key: value for key, value in state.items() if key not in TOLERANCE}
    return state | {processor: _without_fields(state[processor], language, path, found)}


def _fields(
    state: dict[str, Any], processor: dict[str, Any], config: dict[str, Any], language: Language
) -> Fields:
    definition = {key: value for key, value in processor.items() if key != "ProcessorConfig"}
    return Fields(
        said={key: value for key, value in state.items() if key in TAKEN},
        language=language,
        processor=json.dumps({"QueryLanguage": language} | definition),
        execution_type=config.get("ExecutionType", "STANDARD"),
    )


def _attach(states: dict[str, Any], path: Path, fields: dict[Path, Fields]) -> None:
    for name, state in states.items():
        here = (*path, name)
        if isinstance(state, StateParallel):
            for number, branch in enumerate(state.branches.programs):
                _attach(branch.states.states, (*here, number), fields)
        elif isinstance(state, StateMap):
            if here in fields and fields[here].processor:
                state.distributed = fields[here]
            elif here in fields:
                state.iteration_component.tolerance = fields[here]
            _attach(state.iteration_component._states.states, here, fields)
