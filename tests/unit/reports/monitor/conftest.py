"""A watched stage, with real clients that ask AWS in the process of the tests."""

from __future__ import annotations

import pytest

from reports.monitor import publication
from tests.aws import Aws
from tests.unit.reports.clients import client
from tests.unit.reports.history.step_functions import Executions
from tests.unit.reports.monitor.failing_s3 import FailingS3
from tests.unit.reports.monitor.watched import Watched


@pytest.fixture
def watched(aws: Aws, executions: Executions, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Without the drawing of the page, which takes longer than everything else."""
    monkeypatch.setattr(publication, "render_page", lambda _numbers, **_options: "a page")
    return Watched(aws, FailingS3(aws), client("s3"), executions)
