"""The local AWS, once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.running.emulator import Emulator, start


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A running local AWS on a free port with a state folder of its own."""
    emulator = start(tmp_path_factory.mktemp("aws") / "state")
    yield emulator
    emulator.stop()


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Another local AWS, whose alarms are evaluated every second, and which may be restarted."""
    emulator = start(tmp_path_factory.mktemp("quick") / "state", alarm_seconds=1)
    yield emulator
    emulator.stop()
