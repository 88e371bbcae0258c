"""Sets are installed by uv or by pip, quietly; what was broken off is made whole. All tools are stubs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from setup import __main__ as command
from setup import installer
from setup.sets import ROOT, named

STUB = """#!/bin/sh
cd {root}
echo "{name} $*" >> calls
if [ -e "{name}-is-broken" ]; then echo "no route to host"; exit 1; fi
case "$*" in
  "-m venv"*) mkdir -p .venv/bin .venv/lib/python3.11/site-packages; cp bin/venv-python .venv/bin/python ;;
  "-m pip --version") test ! -e no-pip ;;
  "-m pip config list") cat pip.conf 2>/dev/null ;;
  *installer.txt) test ! -e no-uv && cp bin/uv-of-the-registry .venv/bin/uv ;;
  *) echo chatter ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with its pins and nothing else; no index is set up, and the only tools are stubs."""
    (tmp_path / "bin").mkdir()
    for packages in ("requirements.txt", "requirements"):
        source = ROOT / packages
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / packages)
    for file, name in (
        ("python3", "python3"),
        ("venv-python", "python"),
        ("uv-of-the-registry", "uv"),
        ("npm",) * 2,
    ):
        stub(tmp_path, file, name)
    for variable in installer.UV_INDEX:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "python3"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    return tmp_path


def stub(checkout: Path, file: str, name: str) -> None:
    (checkout / "bin" / file).write_text(STUB.format(root=checkout, name=name))
    (checkout / "bin" / file).chmod(0o755)


@pytest.fixture
def install(checkout: Path) -> Callable[..., list[str]]:
    """Install sets; the programs that ran meanwhile, with their arguments, the checkout's path left out."""

    def run(*names: str, exit_code: int = 0) -> list[str]:
        assert command.main(list(names), checkout) == exit_code
        seen = (checkout / "calls").read_text().replace(f"{checkout}/", "").splitlines()
        (checkout / "calls").unlink()
        return seen

    return run


Install = Callable[..., list[str]]


def test_uv_of_the_registry_installs_by_hash(checkout: Path, install: Install) -> None:
    seen = install("synth")
    assert seen[0] == "python3 -m venv --clear .venv"
    assert seen[-2].startswith("python -m pip install")
    assert seen[-2].endswith("--require-hashes --requirement requirements/installer.txt")
    assert seen[-1] == (
        "uv pip install --quiet --python .venv/bin/python --require-hashes --requirement requirements.txt"
    )
    assert (checkout / ".venv" / ".sets" / "synth").exists()


def test_a_uv_that_is_there_is_taken(checkout: Path, install: Install) -> None:
    stub(checkout, "uv", "uv")
    seen = install("synth")
    assert [line for line in seen if "installer.txt" in line] == []
    assert seen[-1].startswith("uv pip install")


@pytest.mark.parametrize("lacking", ["no-uv", "uv-is-broken"])
def test_pip_installs_by_hash_where_uv_cannot(checkout: Path, install: Install, lacking: str) -> None:
    (checkout / lacking).touch()
    assert install("operations")[-1] == (
        "python -m pip install --no-compile --quiet "
        "--require-hashes --requirement requirements/operations.txt"
    )


@pytest.mark.parametrize("line", ["global.index-url='https://mirror'", ":env:.no-index='1'"])
def test_pip_installs_where_only_it_knows_the_index(checkout: Path, install: Install, line: str) -> None:
    (checkout / "pip.conf").write_text(line + "\n")
    assert [call for call in install("synth") if call.startswith("uv") or "installer.txt" in call] == []


def test_a_person_hears_one_line_a_set(install: Install, capfd: pytest.CaptureFixture[str]) -> None:
    install("node", "synth", "up")
    said = capfd.readouterr()
    assert said.out == "", "what `make up` prints is for the shell"
    lines = said.err.splitlines()
    assert [line.partition(",")[0] for line in lines] == [
        "Installing the CDK command line",
        "Installing the CDK's libraries",
        "Installing AWS on loopback",
    ]
    assert all(line.endswith(" s") for line in lines)


def test_a_failure_shows_the_end_of_the_log(
    checkout: Path, install: Install, capfd: pytest.CaptureFixture[str]
) -> None:
    (checkout / "no-uv").touch()
    install("synth")
    (checkout / "python-is-broken").touch()
    install("up", exit_code=1)
    said = capfd.readouterr().err
    assert "no route to host" in said
    assert str(checkout / "build" / "setup" / "up.log") in said
    assert not (checkout / ".venv" / ".sets" / "up").exists()


def test_training_installs_torch_after_what_it_needs(install: Install) -> None:
    *_, before, last = install("training")
    assert before.endswith("requirements/training.txt")
    assert last == "python -m setup.torch_cpu"


def test_an_environment_without_pip_is_made_again(checkout: Path, install: Install) -> None:
    install("synth")
    assert not [line for line in install("up") if "venv --clear" in line]
    (checkout / "no-pip").touch()
    assert "python3 -m venv --clear .venv" in install("up")


def test_the_environment_finds_the_sources_and_has_the_command(checkout: Path, install: Install) -> None:
    install("operations")
    (packages,) = checkout.glob(".venv/lib/*/site-packages")
    assert (packages / "checkout.pth").read_text().split() == [
        str(checkout),
        str(checkout / "emulator" / "src"),
    ]
    scones = checkout / ".venv" / "bin" / "scones"
    subprocess.run([scones, "stage", "drawn"], check=True)
    assert (checkout / "calls").read_text() == "python -P -m operations stage drawn\n"


def test_the_command_says_how_to_get_what_it_needs(checkout: Path, install: Install) -> None:
    install("up")
    done = subprocess.run(
        [checkout / ".venv" / "bin" / "scones"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "scones is not installed yet: make setup SET=operations\n"


def test_npm_installs_what_the_lock_names(checkout: Path, install: Install) -> None:
    (checkout / "node_modules").mkdir()
    assert install("node") == ["npm ci"]
    assert (checkout / "node_modules" / ".installed").exists()


def test_an_unknown_set_is_answered_with_the_known_ones(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["synth", "monitor"], checkout) == 1
    assert capfd.readouterr().err.startswith(
        "There is no set monitor. Sets: node, synth, training, up, operations"
    )
    assert not (checkout / "calls").exists()


@pytest.mark.parametrize("name", ["synth", "training", "up", "operations", "dev"])
def test_what_is_installed_is_said(name: str) -> None:
    assert named(name).brings.endswith(" MB")
