"""AWS in the process of the tests: moto answers, unless a test answers in its place.

Real botocore clients talk to it, so AWS's own formats are what is parsed. A test answers what moto cannot:
throttling, failures, the model behind an endpoint. Clients are to be made after this module was imported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NamedTuple, TypeAlias
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.useragent import UserAgentString
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BaseBackend
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.s3.models import s3_backends

REGION = "us-east-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
}


class Request(NamedTuple):
    """What a client sent; `path` as a person writes it, an object's with its bucket: `/bucket/key`.

    `body` is empty where it is a stream.
    """

    operation: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """`length` stands for the true Content-Length."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None

    def to(self, request: AWSPreparedRequest) -> AWSResponse:
        """The answer as a client receives it."""
        length = len(self.body) if self.length is None else self.length
        headers = HTTPHeaders.from_dict({**dict(self.headers), "Content-Length": str(length)})
        return AWSResponse(request.url, self.status, headers, MockRawResponse(self.body))


Answers: TypeAlias = Answer | Callable[[Request], Answer | None]
"""An answer, or what gives one to a request; None leaves the request to moto."""


def s3_error(status: int, code: str) -> Answer:
    """A refusal by S3."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>as AWS words it</Message></Error>"
    return Answer(status, body.encode(), (("Content-Type", "application/xml"),))


def json_answer(document: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """A service's answer in JSON."""
    return Answer(status, json.dumps(document).encode(), headers)


def after(calls: int, answer: Answer) -> Callable[[Request], Answer | None]:
    """Leave so many calls to moto, then answer."""
    numbers = iter(range(calls))
    return lambda _request: answer if next(numbers, None) is None else None


class Objects(MutableMapping[tuple[str, str], bytes]):
    """What S3 holds, by bucket and key; a bucket is made for its first object."""

    def __getitem__(self, place: tuple[str, str]) -> bytes:
        found = self._s3.get_object(*place) if place[0] in self._s3.buckets else None
        if found is None:
            raise KeyError(place)
        body: bytes = found.value
        return body

    def __setitem__(self, place: tuple[str, str], body: bytes) -> None:
        self.make_bucket(place[0])
        self._s3.put_object(*place, body)

    def __delitem__(self, place: tuple[str, str]) -> None:
        self._s3.delete_object(*place)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter([(name, key) for name, bucket in self._s3.buckets.items() for key in bucket.keys])

    def __len__(self) -> int:
        return sum(len(bucket.keys) for bucket in self._s3.buckets.values())

    def make_bucket(self, name: str) -> None:
        if name not in self._s3.buckets:
            self._s3.create_bucket(name, REGION)

    @property
    def uploads(self) -> list[str]:
        """Uploads in parts that were neither completed nor taken back."""
        return [id_ for bucket in self._s3.buckets.values() for id_ in bucket.multiparts]

    @property
    def _s3(self) -> Any:
        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]


class Aws:
    """What was asked, what there is, and what is answered in moto's place, by operation: "GetObject"."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.objects = Objects()
        self.answers: dict[str, Answers] = {}

    def calls(self, operation: str) -> list[Request]:
        """The requests of one operation, in their order."""
        return [request for request in self.requests if request.operation == operation]

    @property
    def operations(self) -> list[str]:
        """What was asked for, in order."""
        return [request.operation for request in self.requests]

    def answer(self, request: Request) -> Answer | None:
        """A test's own answer, if there is one."""
        self.requests.append(request)
        answer = self.answers.get(request.operation)
        return answer(request) if callable(answer) else answer


@contextmanager
def aws_in_process(*buckets: str) -> Iterator[Aws]:
    """AWS with these buckets, empty; gone at the end, with all that was put into it."""
    aws, ask_moto = Aws(), BotocoreStubber.__call__
    only_botocore_asks: Any = patch("moto.core.models.RESPONSES_METHODS", [])
    addresses_are_kept = patch.object(BaseBackend, "urls", property(_addresses))
    # Nobody looks at it, and botocore puts it together twice for each request.
    nobody_says_who_asks = patch.object(UserAgentString, "to_string", lambda _agent: "tests")

    def send(moto: BotocoreStubber, event_name: str, request: AWSPreparedRequest, **rest: Any) -> Any:
        if not moto.enabled:
            return None
        answer = aws.answer(_request(event_name, request))
        return ask_moto(moto, event_name, request, **rest) if answer is None else answer.to(request)

    with (
        only_botocore_asks,
        addresses_are_kept,
        nobody_says_who_asks,
        mock_aws(config={"core": {"mock_credentials": False}}),
        patch.object(BotocoreStubber, "__call__", send),
    ):
        for bucket in buckets:
            aws.objects.make_bucket(bucket)
        yield aws


_MOTO_ADDRESSES: Any = BaseBackend.urls
_ADDRESSES: dict[type[BaseBackend], dict[str, Any]] = {}


def _addresses(backend: BaseBackend) -> dict[str, Any]:
    """Which address is answered by what, once a service: moto works it out for each request."""
    kind = type(backend)
    if kind not in _ADDRESSES:
        _ADDRESSES[kind] = _MOTO_ADDRESSES.fget(backend)
    return _ADDRESSES[kind]


def _request(event_name: str, request: AWSPreparedRequest) -> Request:
    address = urlsplit(request.url)
    bucket, is_virtual, _ = (address.hostname or "").partition(".s3.")
    path = unquote(address.path)
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    body = _bytes(request.body)
    path = f"/{bucket}{path}" if is_virtual else path
    return Request(event_name.rpartition(".")[2], path, headers, body)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    if isinstance(body, BytesIO):
        return body.getvalue()
    body = body.encode() if isinstance(body, str) else body
    return bytes(body) if isinstance(body, bytes | bytearray) else b""
