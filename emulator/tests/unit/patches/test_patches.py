"""The pins and private names that the emulator stands on: a moved pin fails here with what to do."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from inspect import signature
from pathlib import Path
from types import ModuleType

import loopback_aws
import pytest
from loopback_aws.errors import LocalError
from loopback_aws.patches import PATCHES, RELYING, Parts, missing_names
from loopback_aws.pins import PINS, check_pins

SOURCES = Path(loopback_aws.__file__).parent
ROOT = SOURCES.parents[2]


def test_the_installed_versions_are_the_pinned_ones() -> None:
    check_pins()


def test_every_pin_is_declared() -> None:
    project = tomllib.loads((SOURCES.parents[1] / "pyproject.toml").read_text())["project"]
    assert {f"{name}=={version}" for name, version in PINS.items()} <= set(project["dependencies"])


def test_another_version_is_refused_with_both_versions_and_the_command() -> None:
    with pytest.raises(LocalError) as error:
        check_pins({"ministack": "0.0.1", "no-such-distribution": "1"})
    message = str(error.value)
    assert "ministack 0.0.1 is needed, installed: 1.5.33" in message
    assert "no-such-distribution 1 is needed, installed: not installed" in message
    assert "pip install ministack==0.0.1 no-such-distribution==1" in message


def test_every_private_name_is_there() -> None:
    assert not missing_names(), "the pinned emulator moved: look at each patch that is named and mend it"


def test_a_vanished_name_is_reported() -> None:
    patch = ModuleType("loopback_aws.patches.example")
    patch.PRIVATE = ("ministack.services.s3:_gone", "ministack.no_such_module:x")  # type: ignore[attr-defined]
    assert missing_names((patch,)) == [
        "example: ministack.services.s3:_gone",
        "example: ministack.no_such_module:x",
    ]


def test_every_patch_file_is_in_the_list() -> None:
    files = {path for path in (SOURCES / "patches").rglob("*.py") if path.name != "__init__.py"}
    assert {Path(str(patch.__file__)) for patch in PATCHES} == files


def test_whatever_names_private_parts_is_checked() -> None:
    naming = {path for path in SOURCES.rglob("*.py") if "\nPRIVATE = (" in path.read_text()}
    assert {Path(str(module.__file__)) for module in PATCHES + RELYING} == naming


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.__name__.rpartition(".")[2])
def test_a_patch_is_applied_with_parts_that_there_are(patch: ModuleType) -> None:
    assert set(signature(patch.apply).parameters) <= {field.name for field in fields(Parts)}


def test_every_part_is_for_a_patch() -> None:
    taken = {name for patch in PATCHES for name in signature(patch.apply).parameters}
    assert taken == {field.name for field in fields(Parts)}


def test_the_interpreter_is_imported_without_all_of_moto() -> None:
    code = "import sys, loopback_aws.patches; sys.exit('moto.ec2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0, (
        "moto.ec2 takes most of a second to import: see loopback_aws/patches/interpreter/batch.py"
    )


def test_only_patches_assign_to_what_is_imported_of_the_emulator() -> None:
    outside = [path for path in SOURCES.rglob("*.py") if SOURCES / "patches" not in path.parents]
    assert outside
    found = {f"{path.relative_to(SOURCES)}: {name}" for path in outside for name in assigned(path)}
    assert not found, "move what is changed inside ministack or moto into a file of loopback_aws/patches"


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.__name__.rpartition(".")[2])
def test_every_name_that_a_patch_assigns_is_checked_at_start(patch: ModuleType) -> None:
    unlisted = set(assigned(Path(str(patch.__file__)))) - set(patch.PRIVATE)
    assert not unlisted, f"add these to PRIVATE of {patch.__name__}, so that a moved pin is noticed"


def assigned(path: Path) -> Iterator[str]:
    """`module:name` of every attribute that a file assigns to what it imports of ministack and moto."""
    tree = ast.parse(path.read_text())
    imported: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("ministack", "moto"):
            for alias in node.names:  # a class inside of its module, or a module
                separator = ":" if alias.name[0].isupper() else "."
                imported[alias.asname or alias.name] = f"{node.module}{separator}{alias.name}"
    for node in ast.walk(tree):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            owner, _, attributes = ast.unparse(target).partition(".")
            if isinstance(target, ast.Attribute) and owner in imported:
                yield f"{imported[owner]}{'.' if ':' in imported[owner] else ':'}{attributes}"
