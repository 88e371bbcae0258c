"""The monitoring function's packages are fetched whole, by hash, and once; pip is a stub."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from setup import layer
from setup.log import Log, SetupError
from setup.sets import ROOT

STUB = """#!/bin/sh
echo "$*" >> {root}/calls
while [ $# -gt 0 ]; do if [ "$1" = --target ]; then target=$2; fi; shift; done
mkdir -p $target/numpy $target/bin $target/numpy-2.dist-info
touch $target/numpy/core.so $target/bin/f2py $target/.lock
for name in METADATA RECORD INSTALLER REQUESTED; do touch $target/numpy-2.dist-info/$name; done
test ! -e {root}/offline || {{ echo "no route to host"; exit 1; }}
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / layer.PINS, tmp_path / layer.PINS)
    python = tmp_path / "python3"
    python.write_text(STUB.format(root=tmp_path))
    python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))
    return tmp_path


def fetch(checkout: Path) -> None:
    layer.fetch(checkout, Log(checkout / "build" / "setup" / "layer.log"))


def test_it_holds_wheels_for_the_function_and_nothing_of_this_machine(checkout: Path) -> None:
    assert not layer.is_current(checkout)
    fetch(checkout)
    assert layer.is_current(checkout)
    found = sorted(
        str(path.relative_to(checkout / layer.LAYER)) for path in (checkout / layer.LAYER).rglob("*")
    )
    assert found == [
        *(".installed", "python", "python/numpy", "python/numpy-2.dist-info"),
        *("python/numpy-2.dist-info/METADATA", "python/numpy/core.so"),
    ]
    (asked,) = (checkout / "calls").read_text().splitlines()
    for words in ("--require-hashes", "--only-binary=:all:", "--no-deps", "--python-version 3.14", "aarch64"):
        assert words in asked


def test_other_pins_make_it_old(checkout: Path) -> None:
    fetch(checkout)
    (checkout / layer.PINS).write_text("numpy==3.0\n")
    assert not layer.is_current(checkout)


def test_a_failed_fetch_leaves_what_was_there(checkout: Path) -> None:
    fetch(checkout)
    (checkout / "offline").touch()
    with pytest.raises(SetupError, match="no route to host"):
        fetch(checkout)
    assert layer.is_current(checkout)
    assert sorted(path.name for path in (checkout / "build").iterdir()) == ["layer", "setup"]


def test_without_pip_uv_fetches_it(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "python3").rename(checkout / "uv")
    monkeypatch.setenv("PATH", f"{checkout}:/bin:/usr/bin")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    fetch(checkout)
    assert "pip install --quiet --target" in (checkout / "calls").read_text()
    assert "--python-platform aarch64-manylinux_2_28" in (checkout / "calls").read_text()
    assert layer.is_current(checkout)


def test_the_cdk_asks_for_it_before_the_app_and_what_is_there_is_left(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    configured = json.loads((ROOT / "cdk.json").read_text())
    assert (configured["build"], configured["app"]) == ("python3 -m setup.layer", "python3 app.py")
    assert layer.main(checkout) == 0
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "Fetching the monitoring function's packages, 80 MB … done\n")
    (checkout / "calls").unlink()
    assert layer.main(checkout) == 0
    assert not (checkout / "calls").exists()
    assert capfd.readouterr().err == ""


def test_what_cannot_be_fetched_stops_the_cdk_with_the_reason(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (checkout / "offline").touch()
    assert layer.main(checkout) == 1
    assert "no route to host" in capfd.readouterr().err
