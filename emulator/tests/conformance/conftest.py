"""Fixtures of the conformance cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance import machines
from tests.running.emulator import Emulator


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "aws_document(url, assumed): the page that says what a case asserts")


@pytest.fixture(scope="session")
def aws(aws: Emulator) -> Iterator[Emulator]:
    """The session's emulator; what `machines` has made in it is removed at the end."""
    yield aws
    machines.remove(aws)
