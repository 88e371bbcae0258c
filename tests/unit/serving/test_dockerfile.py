"""What the container image promises, as far as its recipe shows it."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest

from serving.health import healthy
from tests.unit.serving.server_process import ROOT, ServerProcess

SERVING = ROOT / "serving"


@pytest.fixture(scope="module")
def recipe() -> str:
    return (SERVING / "Dockerfile").read_text()


def test_the_base_is_pinned_by_exact_version_and_runs_unprivileged(recipe: str) -> None:
    (base,) = re.findall(r"^FROM (\S+)", recipe, re.MULTILINE)
    assert base == "${REGISTRY}${BASE}${BASE_DIGEST:+@}${BASE_DIGEST}"
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)", recipe, re.MULTILINE))
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", arguments.pop("BASE"))
    assert arguments == {"REGISTRY": '""', "BASE_DIGEST": '""'}
    (user,) = re.findall(r"^USER (\S+)", recipe, re.MULTILINE)
    assert int(user) > 0


def test_the_image_says_on_what_it_is_based(recipe: str) -> None:
    labels = dict(re.findall(r"org\.opencontainers\.image\.base\.(\w+)=(\S+)", recipe))
    assert labels == {"name": '"docker.io/library/${BASE}"', "digest": '"${BASE_DIGEST}"'}
    of_the_stage = recipe.partition("FROM ")[2]
    assert {"BASE", "BASE_DIGEST"} <= set(re.findall(r"^ARG (\w+)$", of_the_stage, re.MULTILINE))


def test_everything_copied_exists_and_is_in_the_build_context(recipe: str) -> None:
    sources = re.findall(r"^COPY (\S+)", recipe, re.MULTILINE)
    kept = re.findall(r"^!(\S+)", (SERVING / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert set(kept) == {
        "contracts/__init__.py",
        "contracts/artifact",
        "pictures",
        "requirements/serving.txt",
        "serving",
    }
    own = {source.rstrip("/") for source in sources}
    assert own == {"contracts", "pictures", "requirements/serving.txt", "serving"}
    assert all((ROOT / source).exists() for source in sources)


def test_the_server_imports_nothing_that_the_image_lacks() -> None:
    pins = (ROOT / "requirements/serving.txt").read_text()
    modules = {"PIL": "pillow"}
    folders = (SERVING, ROOT / "pictures", ROOT / "contracts" / "artifact")
    sources = "\n".join(path.read_text() for folder in folders for path in folder.glob("*.py"))
    third_party = set(
        re.findall(r"^\s*(?:import|from) (numpy|PIL|onnx\w*|uvicorn|uvloop|httptools)\b", sources, re.M)
    )
    packages = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()}
    project = packages - {"serving", "pictures", "contracts"}
    assert all(re.search(rf"^{modules.get(name, name)}==", pins, re.M) for name in third_party)
    assert not re.findall(rf"^\s*(?:import|from) ({'|'.join(sorted(project))})\b", sources, re.M)
    assert set(re.findall(r"^\s*(?:import|from) contracts\b(\.?\w*)", sources, re.M)) == {".artifact"}


def test_whatever_the_image_installs_is_pinned_by_hash(recipe: str) -> None:
    """Else one tag, the hash of the sources, would name images with different packages."""
    assert "--require-hashes --requirement serving.txt" in recipe
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements/serving.txt").read_text(), re.M))
    assert {name: version(name) for name in pins} == pins


def test_the_health_check_follows_ping(server: ServerProcess) -> None:
    assert healthy(str(server.port))
    assert not healthy("1")
