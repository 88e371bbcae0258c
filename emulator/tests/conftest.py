"""The local AWS, once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.running.emulator import Emulator, start


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A running local AWS on a free port with a state folder of its own. A test may restart it."""
    emulator = start(tmp_path_factory.mktemp("aws") / "state")
    yield emulator
    emulator.stop()
