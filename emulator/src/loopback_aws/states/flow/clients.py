"""boto3 clients of the local AWS itself, for the services that a state machine calls."""

from __future__ import annotations

import threading
import uuid
from functools import lru_cache, partial
from typing import Any

import boto3
from botocore.config import Config
from ministack.core.responses import get_account_id

from loopback_aws.settings import HOST
from loopback_aws.states.flow.service_members import not_null

OPTIMIZED = {
    "dynamodb": ("DeleteItem", "GetItem", "PutItem", "UpdateItem"),
    "events": ("PutEvents",),
    "sns": ("Publish",),
    "sqs": ("SendMessage",),
    "stepfunctions": ("StartExecution",),
}
"""Operations of optimized integrations whose result says how the call went."""
THEMSELVES = ("sqs",)
"""Services that say in words of their own that a member is missing."""
HEADERS = ("connection", "content-length", "content-type", "date", "x-amzn-requestid")
_making = threading.Lock()
_port = 0
_secret = ""


def listen_on(port: int, secret: str) -> None:
    """Say where the local AWS listens, and the secret of accounts' keys, before the first client is made."""
    global _port, _secret
    _port, _secret = port, secret


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
            aws_secret_access_key=_secret,
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
    client.meta.events.register("provide-client-params", partial(_without_nulls, client))
    client.meta.events.register("after-call", _complete)
    return client


def _without_nulls(client: Any, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
    """A request without its null members, which are members that nobody has given.

    Raises what a service says when it cannot do without one: boto3 cannot send such a request.
    """
    given: dict[str, Any] = not_null(params)
    missing = [] if model.service_model.service_name in THEMSELVES else missing_members(given, model)
    if missing:
        response = {
            "Error": {"Code": "ValidationException", "Message": without_members(missing)},
            "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": str(uuid.uuid4())},
        }
        raise client.exceptions.from_code("ValidationException")(response, model.name)
    return given


def missing_members(given: dict[str, Any], model: Any) -> list[str]:
    """Members that an operation needs and a request lacks; a body may be empty, and tokens are made up."""
    if model.input_shape is None:
        return []
    optional = {*given, *model.idempotent_members, model.input_shape.serialization.get("payload")}
    return [name for name in model.input_shape.required_members if name not in optional]


def without_members(names: list[str]) -> str:
    """What a service says of members that a request lacks."""
    each = (
        f"Value null at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: Member must not be null"
        for name in names
    )
    number = "1 validation error" if len(names) == 1 else f"{len(names)} validation errors"
    return f"{number} detected: {'; '.join(each)}"


def _complete(parsed: dict[str, Any], model: Any, **_: Any) -> None:
    """Give an answer a request id if it has none, which is in the causes of errors, and an optimized
    integration's result what AWS adds of the call."""
    metadata = parsed.setdefault("ResponseMetadata", {})
    request = metadata.setdefault("RequestId", str(uuid.uuid4()))
    if model.name in OPTIMIZED.get(model.service_model.service_name, ()):
        headers = {name: text for name, text in metadata["HTTPHeaders"].items() if name in HEADERS}
        parsed["SdkHttpMetadata"] = {
            "AllHttpHeaders": {name: [text] for name, text in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": metadata["HTTPStatusCode"],
        }
        parsed["SdkResponseMetadata"] = {"RequestId": request}
