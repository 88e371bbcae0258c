"""Clients that ask AWS in the process of the tests, see tests/aws.py: made once, and asking nothing twice."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

import tests.aws  # noqa: F401 - clients are to be made after it was imported

REGION = "eu-west-1"


@cache
def client(service: str) -> Any:
    return botocore.session.get_session().create_client(
        service,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        # Without checksums bodies are sent as they are, and a test can look at them.
        config=Config(retries={"total_max_attempts": 1}, request_checksum_calculation="when_required"),
    )
