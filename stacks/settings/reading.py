"""From the context of cdk.json to the settings of one stage, or one message with all that is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from pydantic import ValidationError

from stacks.settings.readable import readable
from stacks.settings.rules import impossible_combinations
from stacks.settings.stage import StageSettings


class SettingsError(ValueError):
    """The settings cannot be used; the message lists every problem."""


def read_stage(stages: Any, name: str) -> StageSettings:
    """The settings of stage `name` from the context entry `"stages"`.

    Raises SettingsError: unknown stage, unknown keys, wrong types, values out of range and impossible
    combinations, all in one message.
    """
    if not isinstance(stages, Mapping) or not stages:
        raise SettingsError(
            'cdk.json has no stages: its context needs an object "stages" with one entry a stage'
        )
    if name not in stages:
        raise SettingsError(
            f"unknown stage {name!r}: cdk.json knows {', '.join(sorted(stages))} (-c stage=NAME)"
        )
    if not isinstance(stages[name], Mapping):
        raise SettingsError(f"stage {name!r} in cdk.json is not an object")
    return parse_settings(name, dict(stages[name]))


def parse_settings(name: str, given: dict[str, Any]) -> StageSettings:
    """Typed settings of the stage `name`; raises SettingsError with all problems at once."""
    given = {**given, "stage": name}
    wrong: dict[str, str] = {}
    settings: StageSettings | None = None
    try:
        settings = StageSettings.model_validate_json(json.dumps(given))
    except ValidationError as error:
        wrong = {_path(problem["loc"]): _problem(problem) for problem in error.errors()}
    problems = [*wrong.values(), *impossible_combinations(readable(given, wrong))]
    if problems or settings is None:
        _refuse(name, problems)
    return settings


def _refuse(name: str, problems: list[str]) -> NoReturn:
    listed = "".join(f"\n  - {problem}" for problem in problems)
    raise SettingsError(
        f"stage {name!r} has {len(problems)} wrong setting{'s' if len(problems) > 1 else ''} "
        f"in cdk.json (docs/settings.md lists them all):{listed}"
    )


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def _problem(problem: Any) -> str:
    path = _path(problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{path}: unknown setting"
    return f"{path}: {problem['msg']}, not {json.dumps(problem['input'])}"
