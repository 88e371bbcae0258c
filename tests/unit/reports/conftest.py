"""AWS in the process of the tests, with what ran in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.aws import Aws, aws_in_process
from tests.unit.reports.history.step_functions import Executions


@pytest.fixture
def aws() -> Iterator[Aws]:
    with aws_in_process("data-bucket", "assets") as aws:
        yield aws


@pytest.fixture
def executions(aws: Aws) -> Executions:
    return Executions(aws)
