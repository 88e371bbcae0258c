"""Clients of AWS services, built at the price of one service's model: botocore without boto3's resources."""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.config import Config

CONNECT_TIMEOUT_SECONDS = 2


def aws_client(service: str, read_timeout: float) -> Any:
    """A client with bounded time-outs (seconds) that keeps its connection between invocations.

    It never retries by itself: the state machine does, with back-off, and shows it in the history.
    """
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=read_timeout,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
    )
    return botocore.session.get_session().create_client(service, config=config)
