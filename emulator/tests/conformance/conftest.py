"""Fixtures of the conformance cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.machines import SPEED
from tests.running.emulator import Emulator, start


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "aws_document(url, assumed): the page that says what a case asserts")


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator whose executions wait a part of what they say: most of these cases wait."""
    emulator = start(tmp_path_factory.mktemp("conformance") / "state", execution_speed=SPEED)
    yield emulator
    emulator.stop()
