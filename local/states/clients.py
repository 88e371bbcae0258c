"""boto3 clients of the local AWS itself, for the services that a state machine calls."""

from __future__ import annotations

import threading
import uuid
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from ministack.core.responses import get_account_id

from local.settings import HOST

_making = threading.Lock()
_port = 0


def listen_on(port: int) -> None:
    """Say where the local AWS listens, before the first client is made."""
    global _port
    _port = port


def client_for(region: str, service: str, state_credentials: Any = None) -> Any:  # noqa: ARG001
    """A client of `service`, shared by everybody; in the account of the execution that asks.

    `state_credentials` (a Task's Credentials) changes nothing: identity is not enforced here.
    """
    return _client(region, service, get_account_id(), _port)


@lru_cache(maxsize=256)
def _client(region: str, service: str, account: str, port: int) -> Any:
    with _making:  # sessions are not safe to use from several threads
        client = boto3.session.Session().client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=f"http://{HOST}:{port}",
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=Config(
                parameter_validation=False,
                retries={"total_max_attempts": 1},
                connect_timeout=5,
                read_timeout=900,
                inject_host_prefix=False,
                max_pool_connections=64,
                proxies={},
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
            ),
        )
    client.meta.events.register("after-call", _number)
    return client


def _number(parsed: dict[str, Any], **_: Any) -> None:
    """Give an answer that has none a request id: it is in the causes of errors."""
    parsed.setdefault("ResponseMetadata", {}).setdefault("RequestId", str(uuid.uuid4()))
