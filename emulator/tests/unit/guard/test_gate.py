"""What is refused reaches nothing behind the gate, and none of it is read; what is admitted arrives whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from botocore.auth import S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from loopback_aws.guard.gate import HASHED_BYTES, Guard, without_cors
from loopback_aws.guard.keys import KeyPair, Keyring

PAIR = KeyPair(access_key_id="LOOPBACKOWN", secret_access_key="own")
HEALTH = "/_local/health"
HOST = "127.0.0.1:4566"
URL = f"http://{HOST}/"
BODY = b'{"Name": "x"}'


def scope(
    headers: dict[str, str], method: str = "POST", path: str = "/", query: str = "", kind: str = "http"
) -> dict[str, Any]:
    given = {"host": HOST} | {name.lower(): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    more = {"method": method} if kind == "http" else {}
    return {
        "type": kind,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": raw,
        **more,
    }


def signed(headers: dict[str, str] | None = None, body: bytes = BODY, pair: KeyPair = PAIR) -> dict[str, str]:
    request = AWSRequest("POST", URL, {"x-amz-target": "SageMaker.X", **(headers or {})}, body)
    credentials = Credentials(pair.access_key_id, pair.secret_access_key)
    SigV4Auth(credentials, "sagemaker", "us-east-1").add_auth(request)
    return dict(request.headers)


class Behind:
    """The application behind the gate, and a client before it."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.read = 0
        self.sent: list[Any] = []
        self.read_before_the_answer = 0

    async def __call__(self, _: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.got.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    def ask(self, given: dict[str, Any], *chunks: bytes, gone: bool = False) -> int | None:
        """The status that the client gets."""
        left = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        if not gone and left:
            left[-1]["more_body"] = False

        async def receive() -> Any:
            self.read += 1
            return left.pop(0) if left else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if not self.sent:
                self.read_before_the_answer = self.read
            self.sent.append(message)

        gate = Guard(self, port=4566, keys=Keyring(PAIR, lambda _: None), public=HEALTH, env="make env")
        asyncio.run(gate(given, receive, send))
        return self.sent[0]["status"] if self.sent else None

    @property
    def said(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()


@pytest.fixture
def behind() -> Behind:
    return Behind()


def test_a_signed_request_arrives_whole(behind: Behind) -> None:
    assert behind.ask(scope(signed()), BODY[:5], BODY[5:]) == 200
    assert behind.got == [BODY]


STRANGER = KeyPair(access_key_id="test", secret_access_key="test")
FORGER = KeyPair(access_key_id=PAIR.access_key_id, secret_access_key="guessed")


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"content-type": "text/plain"}, "not signed"),
        (signed(pair=STRANGER), "access key 'test' is not one of this local AWS"),
        (signed() | {"Host": "evil.example:4566"}, "Host is 'evil.example:4566'"),
        (signed() | {"Origin": "https://evil.example"}, "Origin is 'https://evil.example'"),
        (signed() | {"Referer": "https://evil.example/x"}, "Referer is 'https://evil.example/x'"),
        (signed() | {"Sec-Fetch-Site": "cross-site"}, "Sec-Fetch-Site is 'cross-site'"),
    ],
)
def test_what_is_refused_is_not_read(behind: Behind, headers: dict[str, str], said: str) -> None:
    assert behind.ask(scope(headers), BODY) == 403
    assert (behind.got, behind.read_before_the_answer) == ([], 0)
    assert said in behind.said


@pytest.mark.parametrize("headers", [signed(pair=FORGER), signed(body=b"another")])
def test_a_known_key_alone_opens_nothing(behind: Behind, headers: dict[str, str]) -> None:
    assert behind.ask(scope(headers), BODY) == 403
    assert behind.got == []
    assert "SignatureDoesNotMatch" not in behind.said
    assert "InvalidSignatureException" in behind.said
    assert 'eval \\"$(make env)\\"' in behind.said


def test_a_presigned_address_whose_time_is_over_says_so_and_asks_for_no_keys(behind: Behind) -> None:
    query = (
        "X-Amz-Credential=k/20200101/us-east-1/s3/aws4_request&X-Amz-Date=20200101T000000Z&X-Amz-Expires=9"
    )
    assert behind.ask(scope({}, "GET", "/bucket/key", query)) == 403
    assert "Request has expired: the address was good until 2020-01-01T00:00:09" in behind.said
    assert "make env" not in behind.said


def test_a_preflight_gets_no_leave_even_for_a_presigned_address(behind: Behind) -> None:
    request = AWSRequest("OPTIONS", URL + "bucket/key")
    credentials = Credentials(PAIR.access_key_id, PAIR.secret_access_key)
    S3SigV4QueryAuth(credentials, "s3", "us-east-1", expires=60).add_auth(request)
    query = str(request.url).partition("?")[2]
    asked = {"Access-Control-Request-Method": "PUT", "Origin": "http://localhost:3000"}
    assert behind.ask(scope(asked, "OPTIONS", "/bucket/key", query)) == 403
    assert not any(name.startswith(b"access-control") for name, _ in behind.sent[0]["headers"])
    assert "Preflight" in behind.said
    assert behind.got == []


def test_the_state_of_health_needs_no_signature_but_a_name_of_loopback(behind: Behind) -> None:
    assert behind.ask(scope({}, "GET", HEALTH), b"") == 200
    assert Behind().ask(scope({"Host": "evil.example:4566"}, "GET", HEALTH)) == 403


@pytest.mark.parametrize("path", ["/", HEALTH])
@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_a_websocket_is_not_opened(behind: Behind, headers: dict[str, str], path: str) -> None:
    assert behind.ask(scope(headers, path=path, kind="websocket")) == 403
    assert behind.sent[0]["type"] == "websocket.http.response.start"
    assert behind.got == []


def test_a_body_is_not_held_beyond_what_aws_takes(behind: Behind) -> None:
    """Whoever knows a key's id, and an account's number is one, may have its body hashed."""
    chunk = bytes(HASHED_BYTES // 4)
    assert behind.ask(scope(signed()), *[chunk] * 10, BODY) == 413
    assert "RequestEntityTooLarge" in behind.said
    assert (behind.got, behind.read_before_the_answer) == ([], 5)


def test_a_client_that_goes_while_it_sends_is_no_error(behind: Behind) -> None:
    assert behind.ask(scope(signed()), BODY[:5], gone=True) is None
    assert behind.got == []


def test_no_answer_lets_a_page_read_it() -> None:
    passed: list[Any] = []

    async def send(message: Any) -> None:
        passed.append(message)

    allowed = [(b"Access-Control-Allow-Origin", b"*"), (b"access-control-max-age", b"1"), (b"etag", b"x")]
    start = {"type": "http.response.start", "status": 200, "headers": allowed}
    asyncio.run(without_cors(send)(start))  # type: ignore[arg-type]
    assert passed == [{"type": "http.response.start", "status": 200, "headers": [(b"etag", b"x")]}]
