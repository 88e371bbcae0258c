"""The configuration file: what it may say, and what is said of it when it is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from loopback_aws.configuration import read_settings
from loopback_aws.errors import LocalError
from loopback_aws.settings import Image, default_lambda_concurrency

WHOLE = """
state = "kept/here"
port = 4777
[lambda]
concurrency = 3
[alarms]
evaluation_seconds = 0.5
[endpoints]
speed = 60
after_rollback = "succeeds"
[[images]]
repository = "first"
command = ["{python}", "-m", "first_server"]
environment = { WORKERS = "1" }
[[images]]
repository = "second"
command = ["./serve"]
working_directory = "below"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder with a folder `below`, which is the working folder."""
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    return tmp_path


def refusal(folder: Path, text: str) -> str:
    """What is said of a configuration of this text."""
    (folder / "loopback.toml").write_text(text)
    with pytest.raises(LocalError) as error:
        read_settings(folder / "loopback.toml")
    return str(error.value)


COMMANDS = '[commands]\nup = "start it"\nup_on_any_port = "start it anywhere"\nenv = "tell"\n'


def test_commands_are_those_of_the_folder_that_they_know(folder: Path) -> None:
    (folder / "loopback.toml").write_text(COMMANDS)
    assert read_settings(folder / "loopback.toml").commands.env == "tell"
    other = read_settings(folder / "loopback.toml", folder / "other").commands
    assert other.up == f"{sys.executable} -m loopback_aws up --state {folder / 'other'}"
    assert other.up_on_any_port == f"{other.up} --port 0"


def test_all_that_a_file_can_say(folder: Path) -> None:
    (folder / "loopback.toml").write_text(WHOLE)
    settings = read_settings(folder / "loopback.toml")
    assert (settings.state, settings.port) == (folder / "kept" / "here", 4777)
    assert (settings.lambda_concurrency, settings.alarm_seconds) == (3, 0.5)
    assert (settings.deployment_speed, settings.after_rollback) == (60, "succeeds")
    assert settings.images == (
        Image(
            repository="first",
            command=(sys.executable, "-m", "first_server"),
            working_directory=folder,
            environment={"WORKERS": "1"},
        ),
        Image(repository="second", command=("./serve",), working_directory=folder / "below"),
    )


def test_the_working_folders_file_counts_and_what_it_leaves_out_has_a_default(folder: Path) -> None:
    (folder / "below" / "loopback.toml").write_text("port = 0")
    settings = read_settings()
    assert (settings.state, settings.port) == (folder / "below" / ".local", 0)
    assert (settings.lambda_concurrency, settings.alarm_seconds) == (default_lambda_concurrency(), 5)


def test_without_a_file_everything_has_a_default(folder: Path) -> None:
    settings = read_settings()
    assert (settings.state, settings.port, settings.images) == (folder / "below" / ".local", 4566, ())


def test_the_command_line_overrides_the_file(folder: Path) -> None:
    (folder / "loopback.toml").write_text(WHOLE)
    settings = read_settings(folder / "loopback.toml", "other", 0)
    assert (settings.state, settings.port) == (folder / "below" / "other", 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "prot = 1",
            "prot is no key; the keys are alarms, commands, endpoints, executions, images, lambda, port, ",
        ),
        ("port = 70000", "port = 70000 is not a TCP port from 1 to 65535, or 0 for any free one"),
        ("port = true", "port = True is not a TCP port"),
        ("state = 5", "state = 5 is not the path of a folder"),
        ("lambda = 4", "lambda = 4 is not a table, [lambda]"),
        ("[lambda]\nconcurrency = 0", "lambda.concurrency = 0 is not a whole number of processes, 1 or more"),
        ("[lambda]\nworkers = 4", "lambda.workers is no key; the keys are concurrency"),
        (
            "[alarms]\nevaluation_seconds = 61",
            "alarms.evaluation_seconds = 61 is not more than 0 and at most",
        ),
        ("[executions]\nspeed = 0.5", "executions.speed = 0.5 is not a number of times from 1 to 100"),
        ("[endpoints]\nspeed = 0", "endpoints.speed = 0 is not a number of times from 1 to 1000"),
        ("[endpoints]\nafter_rollback = 1", 'endpoints.after_rollback = 1 is not "fails" or "succeeds"'),
        ("[alarms]\nevaluation_seconds = nan", "alarms.evaluation_seconds = nan is not"),
        ("images = 1", "images = 1 is not a list of tables, [[images]]"),
        ("[commands]\nup = 'make up'", "commands.up_on_any_port is missing: a command"),
        ("[[images]]\ncommand = ['x']", "images[0].repository is missing"),
        ("[[images]]\nrepository = 'x'", "images[0].command is missing: a program and its arguments"),
        ("[[images]]\nrepository = 'x'\ncommand = 'x'", "images[0].command = 'x' is not a program"),
        ("[[images]]\nworking_directory = 'no'", "images[0].working_directory = 'no' is not a folder"),
        ("[[images]]\nenvironment = { A = 1 }", "images[0].environment = {'A': 1} is not a table of strings"),
        ("port = ", "is not a configuration in TOML"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, text: str, said: str) -> None:
    message = refusal(folder, text)
    assert str(folder / "loopback.toml") in message
    assert said in message


def test_all_that_is_wrong_is_one_message(folder: Path) -> None:
    message = refusal(folder, "port = -1\nprot = 1\n[[images]]\nrepository = 1\ncommand = []\n")
    assert message.count(";") == 4
    for name in ("port", "prot", "images[0].repository", "images[0].command"):
        assert name in message


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(LocalError, match=r"no configuration .*absent\.toml; --config FILE"):
        read_settings("absent.toml")


def test_a_wrong_port_of_the_command_line_is_refused(folder: Path) -> None:
    with pytest.raises(LocalError, match="--port 70000"):
        read_settings(None, folder, 70000)
