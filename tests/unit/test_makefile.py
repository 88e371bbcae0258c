"""The Makefile on machines that lack something; every tool is a stub, nothing is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("Makefile", "package.json", "package-lock.json", "requirements.txt", "loopback.toml")
FOLDERS = ("requirements", "setup")
Make = Callable[..., subprocess.CompletedProcess[str]]

# A set that is installed is there: setup/ has tests of its own.
TOOL = """#!/bin/bash
echo "$(basename $0) $*" >> calls
case "$*" in
  "-m setup node") mkdir -p node_modules; touch node_modules/.installed ;;
  "-m setup "*) mkdir -p .venv/.sets; touch .venv/.sets/$3 ;;
  "-m setup.layer") mkdir -p build/layer ;;
  "-m loopback_aws env --unset") echo "unset A" ;;
  "-m loopback_aws up"*|"-m loopback_aws env"*) echo "export A=1" ;;
  *) echo "chatter" ;;
esac
if [[ -e fails && "$PWD $*" == *$(cat fails)* ]]; then exit 1; fi
"""
OLD = (
    'import sys; sys.version_info, sys.version = (3, 10, 9), "3.10.9"; '
    'import runpy; runpy.run_module("setup", run_name="__main__")'
)
OLD_PYTHON = f"""#!/bin/bash
exec {sys.executable} -c '{OLD}' $3
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile among stubs: python, npm and what a set-up would have made."""
    for name in COPIED:
        shutil.copy(ROOT / name, tmp_path)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name)
    for folder in ("training", "emulator", ".venv/bin", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    for tool in (".venv/bin/python", "bin/python3", "bin/npm", "bin/npx"):
        executable(tmp_path / tool, TOOL)
    for needed in ("make", "touch", "basename", "rm", "mkdir", "find", "cat", "awk"):
        (tmp_path / "bin" / needed).symlink_to(str(shutil.which(needed)))
    return tmp_path


@pytest.fixture
def make(checkout: Path) -> Make:
    """Run make where no tool but the stubs is on the path, and no variable of a make that runs the tests."""

    def run(*arguments: str, PATH: str = str(checkout / "bin")) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *arguments],
            cwd=checkout,
            env={"PATH": PATH, "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def calls(checkout: Path) -> list[str]:
    return (checkout / "calls").read_text().splitlines() if (checkout / "calls").exists() else []


def installed(checkout: Path) -> list[str]:
    """The sets that were installed, in order."""
    return [call.split()[-1] for call in calls(checkout) if call.startswith("python3 -m setup ")]


RUNS = ("node", "synth", "training", "up", "operations")
TESTS = (*RUNS, "dev")
EVERYTHING = (*TESTS, "notebook")
SYNTHESIZES = ("node", "synth")
SETS = {
    **dict.fromkeys(("synth", "diff", "deploy", "destroy"), SYNTHESIZES),
    "train": ("training",),
    "up": ("up",),
    **dict.fromkeys(("demo", "bench"), RUNS),
    **dict.fromkeys(("check", "test"), TESTS),
    "setup": EVERYTHING,
    "notebook": (*RUNS, "notebook"),
    "pins": ("installer",),
}
WORDS = ("env", "leave", "down")
"""Verbs of what runs already: they install nothing."""


@pytest.fixture
def modelled(checkout: Path) -> Path:
    """A checkout that has a model."""
    (checkout / "build" / "model").mkdir(parents=True)
    (checkout / "build" / "model" / "model.tar.gz").touch()
    return checkout


@pytest.mark.parametrize("verb", SETS)
def test_a_verb_installs_what_it_needs_once(modelled: Path, make: Make, verb: str) -> None:
    assert make(verb).returncode == 0
    assert installed(modelled) == list(SETS[verb])
    assert make(verb).returncode == 0
    assert installed(modelled) == list(SETS[verb]), "a second time"


def test_every_verb_is_among_them(make: Make) -> None:
    verbs = {line.split()[1] for line in make("help").stdout.splitlines()}
    assert verbs == {*SETS, *WORDS, "help", "clean"}


def test_a_set_is_installed_anew_when_its_pins_changed(modelled: Path, make: Make) -> None:
    make("setup")
    later = (modelled / ".venv" / ".sets" / "up").stat().st_mtime + 1
    os.utime(modelled / "requirements" / "up.txt", (later, later))
    os.utime(modelled / "requirements" / "monitor.txt", (later, later))
    make("setup")
    assert installed(modelled) == [*EVERYTHING, "up"]
    assert calls(modelled).count("python -m setup.layer") == 2


@pytest.mark.parametrize(
    ("sets", "brought"),
    [
        ("operations", ["operations"]),
        ("node", ["node"]),
        ("synth", ["node", "synth"]),
        ("synth operations", ["node", "synth", "operations"]),
    ],
)
def test_sets_can_be_asked_for(checkout: Path, make: Make, sets: str, brought: list[str]) -> None:
    """To synthesize, the CDK command line comes along."""
    assert make("setup", f"SET={sets}").returncode == 0
    assert installed(checkout) == brought
    assert make("setup", f"SET={sets}").returncode == 0
    assert installed(checkout) == brought, "a second time"


def test_without_a_model_one_is_trained_first(checkout: Path, make: Make) -> None:
    assert make("synth", "ARGS=--json").returncode == 0
    assert sorted(installed(checkout)) == ["node", "synth", "training"]
    (trained,) = [call for call in calls(checkout) if "training.train" in call]
    assert "--json" not in trained
    assert calls(checkout)[-1] == "npx --no-install cdk synth --quiet -c stage=dev --json"


def test_an_old_python_is_named_before_anything_is_installed(checkout: Path, make: Make) -> None:
    executable(checkout / "bin" / "python3", OLD_PYTHON)
    refused = make("setup")
    assert refused.returncode != 0
    assert "Python 3.11.4 or newer is needed" in refused.stderr
    assert "is 3.10.9: make setup PYTHON=python3.x" in refused.stderr
    assert calls(checkout) == []


def test_without_node_nothing_is_installed(checkout: Path, make: Make) -> None:
    (checkout / "bin" / "npm").unlink()
    refused = make("setup")
    assert refused.returncode != 0
    assert "Node with npm is needed" in refused.stderr
    assert calls(checkout) == []


def test_what_they_print_is_for_the_shell_even_when_they_set_up_first(checkout: Path, make: Make) -> None:
    path = f'export PATH="{checkout}/.venv/bin:{checkout}/node_modules/.bin:$PATH"'
    for verb in ("up", "env"):
        done = make(verb)
        assert (done.returncode, done.stdout) == (0, f"export A=1\n{path}\n"), done.stderr
    assert installed(checkout) == ["up"]


@pytest.mark.parametrize("verb", WORDS)
def test_a_fresh_clone_is_told_that_nothing_runs_without_an_installation(
    checkout: Path, make: Make, verb: str
) -> None:
    told = make(verb)
    assert (told.returncode == 0, told.stdout) == (verb != "env", ""), told.stderr
    assert "AWS on loopback is not installed here, so it does not run: " in told.stderr
    assert calls(checkout) == []


def test_what_the_local_aws_advises_are_verbs_that_do_it(checkout: Path, make: Make) -> None:
    """It says these words to people who have not started it, or whose port is in use."""
    commands = tomllib.loads((ROOT / "loopback.toml").read_text(encoding="utf-8"))["commands"]
    done = {}
    for name, command in commands.items():
        program, *arguments = command.split()
        assert program == "make"
        assert make(*arguments).returncode == 0
        done[name] = calls(checkout)[-1]
    assert done == {
        "up": "python -m loopback_aws up",
        "up_on_any_port": "python -m loopback_aws up --port 0",
        "env": "python -m loopback_aws env",
    }


def test_state_and_port_can_be_said(checkout: Path, make: Make) -> None:
    """Else loopback.toml says them, which is read by what is called here."""
    make("up", "STATE=other", "PORT=1")
    make("down", "STATE=other")
    up, down = calls(checkout)[-2:]
    assert (up, down) == (
        "python -m loopback_aws up --state other --port 1",
        "python -m loopback_aws down --state other",
    )


def test_a_shell_leaves_with_what_is_printed(make: Make) -> None:
    make("up")
    assert make("leave").stdout == "unset A\n"


def test_a_shell_that_finds_the_commands_is_told_no_path(checkout: Path, make: Make) -> None:
    done = make("up", PATH=f"{checkout}/.venv/bin:{checkout}/bin")
    assert done.stdout == "export A=1\n"


def test_a_failed_set_up_stops_the_verb(checkout: Path, make: Make) -> None:
    (checkout / "fails").write_text("-m setup training")
    assert make("demo").returncode != 0
    assert "python -m demo --dataset drawn" not in calls(checkout)


@pytest.mark.parametrize(
    ("arguments", "run"),
    [
        ([], "python -m tests"),
        (["SUITE=emulator"], "python -m tests --suite emulator"),
        (["SUITE=unit", "ARGS=-x -k settings"], "python -m tests --suite unit -x -k settings"),
    ],
)
def test_a_suite_is_run_by_its_name(checkout: Path, make: Make, arguments: list[str], run: str) -> None:
    assert make("test", *arguments).returncode == 0
    assert calls(checkout)[-1] == run


@pytest.mark.parametrize("failing", ["-m ruff format", "-m ruff check", "-m mypy", "/emulator -m mypy"])
def test_check_looks_at_both_projects_and_fails_with_any(checkout: Path, make: Make, failing: str) -> None:
    assert make("check").returncode == 0
    assert calls(checkout / "emulator") == ["python -m mypy"]
    for folder in (checkout, checkout / "emulator"):
        (folder / "fails").write_text(failing)
    assert make("check").returncode != 0


def test_clean_stops_what_runs_before_it_removes_its_state(checkout: Path, make: Make) -> None:
    for state in (".local", "build/demo/aws", "other", ".venv/.sets/up"):
        (checkout / state).mkdir(parents=True)
    assert make("clean", "STATE=other").returncode == 0
    stopped = [call.split()[-1] for call in calls(checkout)]
    assert sorted(stopped) == [".local", "build/demo/aws", "other"]
    assert not [name for name in (".local", "build", ".venv", "node_modules") if (checkout / name).exists()]
    assert (checkout / "other").exists(), "a folder that a person named is theirs"


def test_clean_leaves_no_compiled_sources(checkout: Path, make: Make) -> None:
    (checkout / "training" / "deep" / "__pycache__").mkdir(parents=True)
    (checkout / "training" / "deep" / "__pycache__" / "x.pyc").touch()
    assert make("clean").returncode == 0
    assert (checkout / "training" / "deep").exists()
    assert not list(checkout.rglob("__pycache__"))


def test_clean_keeps_the_state_of_what_cannot_be_stopped(checkout: Path, make: Make) -> None:
    executable(checkout / ".venv" / "bin" / "python", "#!/bin/bash\nexit 1\n")
    for folder in (".local", ".venv/.sets/up"):
        (checkout / folder).mkdir(parents=True)
    assert make("clean").returncode != 0
    assert (checkout / ".local").exists()
