"""Over HTTP: what a browser's page or a stranger sends is refused, and does nothing."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.access.asking import answered
from tests.running.emulator import Emulator
from tests.running.signing import signed

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CREATE_QUEUE = b"Action=CreateQueue&QueueName=of-a-page&Version=2012-11-05"


def headers_of(
    aws: Emulator, service: str, method: str, path: str, body: bytes, **more: str
) -> dict[str, str]:
    """A good signature's headers, and more that it does not cover."""
    return dict(signed(aws, service, method, path, {}, body).header_items()) | {
        name.replace("_", "-"): text for name, text in more.items()
    }


FOREIGN = {
    "origin": {"Origin": "https://evil.example"},
    "opaque origin": {"Origin": "null"},
    "referer": {"Referer": "https://evil.example/page"},
    "cross-site": {"Sec_Fetch_Site": "cross-site"},
    "same-site": {"Sec_Fetch_Site": "same-site"},
    "host": {"Host": "evil.example:4566"},
    "host without a port": {"Host": "127.0.0.1"},
}


@pytest.mark.parametrize("more", FOREIGN.values(), ids=FOREIGN)
def test_a_page_is_refused_even_with_a_good_signature(aws: Emulator, more: dict[str, str]) -> None:
    aws.client("s3").create_bucket(Bucket="of-this-machine")
    path = "/of-this-machine/of-a-page"
    headers = headers_of(aws, "s3", "PUT", path, b"x", **more)
    with answered(aws, "PUT", path, headers, b"x") as answer:
        said = answer.read().decode()
    assert answer.status == 403
    assert "<Code>AccessDenied</Code>" in said
    assert repr(next(iter(more.values()))).strip("'") in said
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket="of-this-machine")


STRANGERS = {
    "unsigned": {},
    "by the old key": {
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20261201/us-east-1/sqs/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=0",
        "X-Amz-Date": "20261201T000000Z",
    },
    "by an account's number": {
        "Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20261201/us-east-1/sqs/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=0",
        "X-Amz-Date": "20261201T000000Z",
    },
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_is_refused_with_the_way_out(aws: Emulator, headers: dict[str, str]) -> None:
    with answered(aws, "POST", "/", FORM | headers, CREATE_QUEUE) as answer:
        said = answer.read().decode()
    assert answer.status == 403
    assert "env --state" in said
    assert not aws.client("sqs").list_queues(QueueNamePrefix="of-a-page").get("QueueUrls")


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/config", "/", "/latest/meta-data/"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_the_emulators_own_addresses_are_as_closed(aws: Emulator, method: str, path: str) -> None:
    with answered(aws, method, path, {}) as answer:
        assert answer.status == 403


def test_a_preflight_is_refused_and_no_answer_allows_a_page(aws: Emulator) -> None:
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "PUT"}
    with answered(aws, "OPTIONS", "/of-this-machine/x", asked) as answer:
        assert answer.status == 403
        refused = dict(answer.getheaders())
    headers = headers_of(aws, "s3", "GET", "/", b"", Origin=aws.endpoint)
    with answered(aws, "GET", "/", headers) as answer:
        assert answer.status == 200
        allowed = dict(answer.getheaders())
    assert not [name for name in refused | allowed if name.lower().startswith("access-control")]


def test_a_websocket_is_refused_before_it_is_open(aws: Emulator) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Origin": "https://evil.example",
    }
    with answered(aws, "GET", "/", upgrade) as answer:
        assert answer.status == 403
        assert b"https://evil.example" in answer.read()


def test_http_2_is_no_way_around(aws: Emulator) -> None:
    """An upgrade to h2c without TLS: the answer is in frames, and holds the refusal."""
    request = (
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{aws.instance.port}\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", aws.instance.port), timeout=60) as connection:
        connection.sendall(
            request.encode() + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04" + bytes(5)
        )
        got = b""
        while b"</Error>" not in got:
            chunk = connection.recv(65536)
            assert chunk, got
            got += chunk
    assert b"<Code>AccessDenied</Code>" in got


def test_a_large_upload_of_a_stranger_gets_its_answer(aws: Emulator) -> None:
    body, role = bytes(8 * 1024 * 1024), "arn:aws:iam::000000000000:role/x"
    with pytest.raises(ClientError) as refused:
        stranger(aws, "s3").put_object(Bucket="of-this-machine", Key="large", Body=body)
    assert refused.value.response["Error"]["Code"] == "InvalidAccessKeyId"
    with pytest.raises(ClientError) as refused:
        stranger(aws, "lambda").create_function(FunctionName="large", Code={"ZipFile": body}, Role=role)
    assert refused.value.response["Error"]["Code"] == "UnrecognizedClientException"
    assert "'test'" in refused.value.response["Error"]["Message"]


def stranger(aws: Emulator, service: str) -> Any:
    return aws.client_with(service, aws_access_key_id="test", aws_secret_access_key="test")
