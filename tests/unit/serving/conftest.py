from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.artifacts import make_artifact
from tests.unit.serving.server_process import ServerProcess

DIGEST = "0123456789abcdef" * 4


@pytest.fixture(scope="session")
def model_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    with tarfile.open(make_artifact(folder / "model.tar.gz")) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="session")
def server(model_directory: Path) -> Iterator[ServerProcess]:
    """The one server that the contract's tests talk to."""
    process = ServerProcess(model_directory, MODEL_DIGEST=DIGEST).wait_ready()
    yield process
    assert process.stop() == 0
    assert not process.events("defect") + process.events("not_json")


@pytest.fixture
def start(model_directory: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Starts servers with further environment variables; whatever still runs is killed at the end."""
    started: list[ServerProcess] = []

    def start_server(*arguments: str, directory: Path = model_directory, **options: str) -> ServerProcess:
        started.append(ServerProcess(directory, *arguments, **options))
        return started[-1]

    yield start_server
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
        server.wait_exit()
