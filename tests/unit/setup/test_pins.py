"""The files of pins are what was declared, whole, hashed, and of one mind; nothing is asked of an index."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import requires

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from setup.declared import declared, digest
from setup.pins import HEADER, PIN
from setup.sets import ROOT, SETS, TORCH, PackageSet, named

FILES = sorted({*(packages.pins for packages in SETS), TORCH})
each_set = pytest.mark.parametrize("packages", SETS, ids=lambda packages: packages.name)
each_file = pytest.mark.parametrize("name", FILES)


def pins(name: str) -> dict[str, str]:
    """Package -> version of a file."""
    return {match[1]: match[2] for match in PIN.finditer((ROOT / name).read_text())}


def pins_of(packages: PackageSet) -> dict[str, str]:
    """Of everything that a set installs: torch has a file of its own."""
    return pins(packages.pins) | (pins(TORCH) if "training" in packages.needs else {})


def not_here() -> set[str]:
    """Pins of packages that are for other systems, and of JupyterLab's, which no test needs."""
    tested = {name for packages in SETS if packages.name != "notebook" for name in pins_of(packages)}
    for_people = pins_of(named("notebook")).keys() - tested
    pinned = [match for name in FILES for match in PIN.finditer((ROOT / name).read_text())]
    foreign = [match for match in pinned if match[3] and not Marker(match[3].lstrip(" ;")).evaluate()]
    return {match[1] for match in foreign} | for_people


def requirements(lines: list[str] | None) -> list[Requirement]:
    """Those that count on this machine, without extras."""
    found = [Requirement(line) for line in lines or ()]
    return [need for need in found if not need.marker or need.marker.evaluate({"extra": ""})]


@each_set
def test_a_file_is_as_new_as_the_declaration(packages: PackageSet) -> None:
    first, _, _ = (ROOT / packages.pins).read_text().partition("\n")
    assert first == HEADER.format(digest=digest(declared(packages))).strip(), "run `make pins`"


@each_set
def test_what_is_declared_is_pinned_as_it_asks(packages: PackageSet) -> None:
    have = pins_of(packages)
    for need in requirements(declared(packages)):
        assert have[canonicalize_name(need.name)] in need.specifier, f"{need}: run `make pins`"


@each_set
def test_what_those_need_is_pinned_with_them(packages: PackageSet) -> None:
    """Nothing is left to the day of the installation: --require-hashes would refuse it."""
    have = pins_of(packages)
    asked = {need.name: need.extras for need in requirements(declared(packages))}
    for name in have.keys() - not_here():
        for extra in ("", *asked.get(name, ())):
            for line in _requires(name):
                need = Requirement(line)
                if not need.marker or need.marker.evaluate({"extra": extra}):
                    assert have[canonicalize_name(need.name)] in need.specifier, f"{name} needs {need}"


def _requires(name: str) -> list[str]:
    """What an installed distribution needs; of torch without GPU packages, whatever its build."""
    if name == "uv":  # is no package of this environment, and needs nothing
        return []
    return _torch_needs() if name == "torch" else requires(name) or []


def _torch_needs() -> list[str]:
    (torch,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["dependency-metadata"]
    return [str(line) for line in torch["requires-dist"]]


def test_torch_is_declared_to_need_what_it_needs() -> None:
    gpu = re.compile(r"nvidia|cuda|triton")
    found = {str(need) for need in requirements(requires("torch")) if not gpu.match(need.name)}
    assert found == {str(Requirement(line)) for line in _torch_needs()}
    assert pins(TORCH) == {"torch": "2.13.0"}


@each_file
def test_every_pin_has_hashes_and_none_an_address(name: str) -> None:
    text = (ROOT / name).read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert {line for line in lines if not re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)} == {
        line for line in lines if PIN.match(line) and line.endswith("\\")
    }
    assert re.findall(r"\\\n(?!    --hash)", text) == []
    assert "://" not in text


def test_a_package_has_one_version_in_all_files() -> None:
    versions: dict[str, set[str]] = {}
    for name in FILES:
        for package, version in pins(name).items():
            versions.setdefault(package, set()).add(version)
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


def test_to_synthesize_takes_the_cdk_and_no_more() -> None:
    assert named("synth").pins == "requirements.txt", "what people without make install"
    assert not pins("requirements.txt").keys() & {"numpy", "torch", "boto3", "typer", "pytest"}


def test_every_package_of_npm_has_a_hash_and_none_an_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    root = lock.pop("")
    assert root["devDependencies"] == json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert lock
    for name, entry in lock.items():
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", entry["integrity"]), name
        assert "resolved" not in entry, name
    for name, version in root["devDependencies"].items():
        assert lock[f"node_modules/{name}"]["version"] == version
