"""The configuration file: what an application's side tells the local AWS, in TOML.

    state = ".local"              # folder of all its state, beside this file
    port = 4566                   # on 127.0.0.1; 0 = any free one

    [lambda]
    concurrency = 4               # processes that run functions at once; default: two a core

    [alarms]
    evaluation_seconds = 5.0      # how often alarms are evaluated as time passes

    [executions]
    speed = 1.0                   # how many times as fast their waits, retries and time-outs pass, for tests

    [endpoints]
    speed = 1.0                   # how many times as fast the waits of their updates pass, for tests
    after_rollback = "fails"      # what CloudFormation says of an update that was rolled back, or "succeeds"

    [commands]                    # what people call its verbs by, if not by its own command line
    up = "make up"                # it is said of the folder `state` only
    up_on_any_port = "make up PORT=0"
    env = "make env"

    [[images]]                    # of SageMaker models: what stands for their containers
    repository = "model-server"   # how the repository name of an image's address ends
    command = ["{python}", "-m", "model_server"]    # {python}: the interpreter that runs the local AWS
    working_directory = "."       # beside this file
    environment = { WORKERS = "1" }                 # in place of the container's own variables

Every key may be left out, but for an image's repository and command; of commands all are there or none.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

from loopback_aws.errors import LocalError
from loopback_aws.settings import AfterRollback, Commands, Image, Settings, default_lambda_concurrency

FILE = "loopback.toml"
"""The configuration of a working folder."""
STATE = ".local"
PYTHON = "{python}"


def read_settings(
    file: str | Path | None = None, state: str | Path | None = None, port: int | None = None
) -> Settings:
    """The settings of a configuration file; `state` and `port` are the command line's and override it.

    Without `file`, `loopback.toml` of the working folder counts if there is one, else the defaults.
    LocalError says everything that is wrong.
    """
    path = Path(file or FILE).absolute()
    root = _Table("", _read(path) if file or path.exists() else {})
    functions, alarms, executions = root.table("lambda"), root.table("alarms"), root.table("executions")
    endpoints = root.table("endpoints")
    folder = root.value("state", STATE, _is_text, "the path of a folder")
    own_state = (path.parent / folder).resolve()
    commands = _commands(root)
    settings = Settings(
        state=Path(state).resolve() if state else own_state,
        port=root.value("port", Settings.port, _is_port, "a TCP port from 1 to 65535, or 0 for any free one"),
        lambda_concurrency=functions.value(
            "concurrency", default_lambda_concurrency(), _is_count, "a whole number of processes, 1 or more"
        ),
        alarm_seconds=alarms.value(
            "evaluation_seconds", Settings.alarm_seconds, _is_pause, "more than 0 and at most 60 seconds"
        ),
        execution_speed=executions.value(
            "speed", Settings.execution_speed, _is_speed, "a number of times from 1 to 100"
        ),
        deployment_speed=endpoints.value(
            "speed", Settings.deployment_speed, _is_deployment_speed, "a number of times from 1 to 1000"
        ),
        after_rollback=endpoints.value(
            "after_rollback", Settings.after_rollback, _is_outcome, '"fails" or "succeeds"'
        ),
        images=tuple(_image(table, path.parent) for table in root.tables("images")),
    )
    if settings.state == own_state:
        settings = replace(settings, named_commands=commands)
    if problems := root.problems():
        raise LocalError(f"{path} cannot be used: " + "; ".join(problems))
    if port is None:
        return settings
    if not _is_port(port):
        raise LocalError(f"--port {port} is not a TCP port; take one from 1 to 65535, or 0 for any free one.")
    return replace(settings, port=port)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LocalError(f"There is no configuration {path}; --config FILE names another one.") from None
    except (OSError, ValueError) as error:
        raise LocalError(f"{path} is not a configuration in TOML: {error}") from None


def _commands(root: _Table) -> Commands | None:
    table = root.table("commands")
    if not table:
        return None
    return Commands(
        **{field.name: table.value(field.name, None, _is_text, "a command") for field in fields(Commands)}
    )


def _image(table: _Table, folder: Path) -> Image:
    command = table.value("command", None, _is_command, "a program and its arguments, a list of strings")
    directory = table.value(
        "working_directory", ".", lambda value: _is_text(value) and (folder / value).is_dir(), "a folder"
    )
    return Image(
        repository=table.value("repository", None, _is_text, "the end of a repository name"),
        command=tuple(part.replace(PYTHON, sys.executable) for part in command or ()),
        working_directory=(folder / directory).resolve(),
        environment=table.value("environment", {}, _is_environment, "a table of strings"),
    )


class _Table:
    """A table of the file: hands out its values and remembers what is wrong with them."""

    def __init__(self, name: str, given: dict[str, Any]) -> None:
        self._name = name
        self._given = given
        self._known: list[str] = []
        self._problems: list[str] = []
        self._below: list[_Table] = []

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self._given)

    def value(self, key: str, default: Any, fits: Callable[[Any], bool], expected: str) -> Any:
        """What the key says, the default if it says nothing good; a key whose default is None is needed."""
        self._known.append(key)
        given = self._given.get(key, default)
        if given is None:
            self._problems.append(f"{self._name}{key} is missing: {expected}")
        elif key in self._given and not fits(given):
            self._problems.append(f"{self._name}{key} = {given!r} is not {expected}")
            return default
        return given

    def table(self, key: str) -> _Table:
        """The table of that name, an empty one when there is none."""
        given = self.value(key, {}, lambda value: isinstance(value, dict), f"a table, [{key}]")
        return self._add(f"{self._name}{key}.", given)

    def tables(self, key: str) -> list[_Table]:
        """The tables of a list."""
        given = self.value(key, [], _is_tables, f"a list of tables, [[{key}]]")
        return [self._add(f"{self._name}{key}[{place}].", each) for place, each in enumerate(given)]

    def problems(self) -> list[str]:
        """What is wrong, here and below."""
        unknown = [
            f"{self._name}{key} is no key; the keys are {', '.join(sorted(self._known))}"
            for key in self._given
            if key not in self._known
        ]
        return [
            *self._problems,
            *unknown,
            *(problem for table in self._below for problem in table.problems()),
        ]

    def _add(self, name: str, given: dict[str, Any]) -> _Table:
        self._below.append(_Table(name, given))
        return self._below[-1]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_port(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 65535


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 1


def _is_pause(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value <= 60


def _is_speed(value: Any) -> bool:
    return type(value) in (int, float) and 1 <= value <= 100


def _is_deployment_speed(value: Any) -> bool:
    return type(value) in (int, float) and 1 <= value <= 1000


def _is_outcome(value: Any) -> bool:
    return value in get_args(AfterRollback)


def _is_command(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _is_environment(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)
