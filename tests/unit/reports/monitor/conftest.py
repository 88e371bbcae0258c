"""A watched stage, with a real S3 client that talks to an S3 in memory."""

from __future__ import annotations

from collections.abc import Iterator

import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.config import Config

from reports.monitor import publication
from tests.unit.reports.monitor.conditional_s3 import ConditionalS3
from tests.unit.reports.monitor.watched import Watched


@pytest.fixture(scope="package")
def s3_server() -> Iterator[ConditionalS3]:
    server = ConditionalS3()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def s3_client(s3_server: ConditionalS3) -> BaseClient:
    return botocore.session.get_session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=s3_server.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


@pytest.fixture
def watched(s3_server: ConditionalS3, s3_client: BaseClient, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Without the drawing of the page, which takes longer than everything else."""
    monkeypatch.setattr(publication, "render_page", lambda _numbers, **_options: "a page")
    s3_server.reset()
    return Watched(s3_server, s3_client)
