"""The local AWS, and the application on it, once a session."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.local.deployed.deployment import Deployment
from tests.local.deployed.emulator import Emulator, start
from tests.local.deployed.verbs import serving


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A running local AWS on a free port with a state folder of its own."""
    emulator = start(tmp_path_factory.mktemp("aws") / "state")
    yield emulator
    emulator.stop()


@pytest.fixture(scope="session")
def deployment(aws: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The application, deployed by the CDK CLI with a model that knows red from blue."""
    deployment = Deployment(aws, tmp_path_factory.mktemp("deployment"))
    deployment.bootstrap()
    deployment.deploy()
    return deployment


@pytest.fixture(scope="session")
def deployed(deployment: Deployment) -> dict[str, str]:
    """Outputs of all stacks, by key."""
    return deployment.outputs()


@pytest.fixture(scope="session")
def verb_server() -> Iterator[subprocess.Popen[str]]:
    """What forks the processes of verbs."""
    with serving() as server:
        yield server
