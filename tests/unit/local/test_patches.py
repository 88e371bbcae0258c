"""The pins and private names that local/ stands on: a moved pin fails here with what to do."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from local.errors import LocalError
from local.patches import PATCHES, missing_names
from local.pins import PINS, check_pins

ROOT = Path(__file__).resolve().parents[3]


def test_the_installed_versions_are_the_pinned_ones() -> None:
    check_pins()


def test_every_pin_is_in_the_requirements() -> None:
    lines = (ROOT / "requirements-local.txt").read_text().splitlines()
    assert {f"{name}=={version}" for name, version in PINS.items()} <= set(lines)


def test_another_version_is_refused_with_both_versions_and_the_command() -> None:
    with pytest.raises(LocalError) as error:
        check_pins({"ministack": "0.0.1", "no-such-distribution": "1"})
    message = str(error.value)
    assert "ministack 0.0.1 is needed, installed: 1.5.33" in message
    assert "no-such-distribution 1 is needed, installed: not installed" in message
    assert "pip install -r requirements-local.txt" in message


def test_every_private_name_is_there() -> None:
    assert not missing_names(), "the pinned emulator moved: look at each patch that is named and mend it"


def test_a_vanished_name_is_reported() -> None:
    patch = ModuleType("local.patches.example")
    patch.PRIVATE = ("ministack.services.s3:_gone", "ministack.no_such_module:x")  # type: ignore[attr-defined]
    assert missing_names((patch,)) == [
        "example: ministack.services.s3:_gone",
        "example: ministack.no_such_module:x",
    ]


def test_every_patch_file_is_in_the_list() -> None:
    files = {path.stem for path in (ROOT / "local" / "patches").glob("*.py")} - {"__init__"}
    assert {patch.__name__.rpartition(".")[2] for patch in PATCHES} == files
