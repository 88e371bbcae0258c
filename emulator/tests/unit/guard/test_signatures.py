"""Signatures of botocore, of all kinds, are recognised; anything that is changed afterwards is not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import boto3
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from loopback_aws.guard.refusals import Refused
from loopback_aws.guard.signatures import Head, SignedV4, signature_of

SESSION = boto3.session.Session()
KEY, SECRET = "LOOPBACKKEY", "a secret"
ENDPOINT = "http://127.0.0.1:4566"
HARD_KEY = "süß/a b+c~(1)*'!&=;,@%2F$.png"


def client(service: str, **more: Any) -> Any:
    given = {
        "aws_access_key_id": KEY,
        "aws_secret_access_key": SECRET,
        "region_name": "us-east-1",
        "endpoint_url": ENDPOINT,
    }
    return SESSION.client(service, **(given | more))  # type: ignore[call-overload]


def sent(service: str, call: Callable[[Any], Any], **more: Any) -> tuple[Head, bytes]:
    """What boto3 would send."""
    caught: list[Any] = []

    def catch(request: Any, **_: Any) -> None:
        caught.append(request)
        raise InterruptedError

    made = client(service, **more)
    made.meta.events.register("before-send", catch)
    with pytest.raises(InterruptedError):
        call(made)
    body = caught[0].body or b""
    return head(caught[0].method, caught[0].url, dict(caught[0].headers)), (
        body.read() if hasattr(body, "read") else _bytes(body)
    )


def head(method: str, url: str, headers: dict[str, Any] | None = None) -> Head:
    split = urlsplit(url)
    raw = {name.lower().encode(): _bytes(value) for name, value in (headers or {}).items()}
    return Head(method, split.path or "/", split.query, {b"host": split.netloc.encode()} | raw)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("latin1")


def holds(request: Head, body: bytes = b"", secret: str = SECRET, now: datetime | None = None) -> bool:
    signature = signature_of(request, now or datetime.now(UTC))
    assert signature.key_id == KEY
    payload = signature.payload_hash(request) or hashlib.sha256(body).hexdigest()
    return signature.expected(request, secret, payload) == signature.given


CALLS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "json": ("stepfunctions", lambda c: c.list_state_machines(maxResults=3)),
    "query": (
        "sns",
        lambda c: c.publish(TopicArn="arn:aws:sns:us-east-1:000000000000:t", Message="süß & more"),
    ),
    "rest": (
        "lambda",
        lambda c: c.invoke(FunctionName="arn:aws:lambda:us-east-1:000000000000:function:f:live"),
    ),
    "rest with a query": (
        "lambda",
        lambda c: c.list_tags(Resource="arn:aws:lambda:us-east-1:000000000000:function:f"),
    ),
    "endpoint": (
        "sagemaker-runtime",
        lambda c: c.invoke_endpoint(EndpointName="e", Body=b"\x00\xff picture"),
    ),
    "cloudwatch": ("cloudwatch", lambda c: c.list_metrics(Namespace="AWS/Lambda")),
    "list": ("s3", lambda c: c.list_objects_v2(Bucket="bucket", Prefix=HARD_KEY, Delimiter="/")),
    "put": (
        "s3",
        lambda c: c.put_object(Bucket="bucket", Key=HARD_KEY, Body=b"x", Metadata={"a": "  two   words "}),
    ),
    "get": ("s3", lambda c: c.get_object(Bucket="bucket", Key="/../" + HARD_KEY, VersionId="1 2+3")),
    "multipart": ("s3", lambda c: c.create_multipart_upload(Bucket="bucket", Key="k")),
}


@pytest.mark.parametrize(("service", "call"), CALLS.values(), ids=CALLS)
def test_what_boto3_signs_holds_and_nothing_else(service: str, call: Callable[[Any], Any]) -> None:
    request, body = sent(service, call)
    assert holds(request, body)
    assert not holds(request, body, secret="another")
    assert not holds(request._replace(method="DELETE"), body)
    assert not holds(request._replace(path="/other"), body)
    assert not holds(request._replace(query="other=1"), body)
    assert not holds(request._replace(headers=request.headers | {b"x-amz-date": b"20260101T000000Z"}), body)
    if service != "s3":
        assert not holds(request, body + b"more")


def test_names_of_buckets_in_the_host_are_signed_as_well() -> None:
    config = Config(s3={"addressing_style": "virtual"})
    request, _ = sent(
        "s3",
        lambda c: c.get_object(Bucket="bucket", Key="k"),
        endpoint_url="http://localhost:4566",
        config=config,
    )
    assert request.headers[b"host"] == b"bucket.localhost:4566"
    assert holds(request)


@pytest.mark.parametrize("version", [None, "s3v4", "s3"])
@pytest.mark.parametrize("token", [None, "a session's token/+="])
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_presigned_addresses_hold(
    version: str | None, token: str | None, style: Literal["path", "virtual"]
) -> None:
    s3 = client(
        "s3",
        aws_session_token=token,
        endpoint_url="http://localhost:4566",
        config=Config(signature_version=version, s3={"addressing_style": style}),
    )
    url = s3.generate_presigned_url(
        "get_object", Params={"Bucket": "bucket", "Key": HARD_KEY, "VersionId": "1 2"}
    )
    assert holds(head("GET", url))
    assert not holds(head("PUT", url))
    assert not holds(head("GET", url.replace("png", "pdf")))
    assert not holds(head("GET", url), secret="another")
    with pytest.raises(Refused, match="expired"):
        holds(head("GET", url), now=datetime.now(UTC) + timedelta(seconds=3700))


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_the_holder_of_a_presigned_address_adds_nothing_that_leads_elsewhere(version: str) -> None:
    s3 = client("s3", config=Config(signature_version=version))
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "k"})
    scope = "x Credential=000000000000/20261201/us-east-1/sagemaker/aws4_request"
    with pytest.raises(Refused, match="Only one auth mechanism"):
        holds(head("PUT", url, {"Authorization": scope}))
    target = head("PUT", url, {"X-Amz-Target": "SageMaker.DeleteEndpoint"})
    if version == "s3":
        assert not holds(target)
    else:
        with pytest.raises(Refused, match="not signed: the address was made without 'x-amz-target'"):
            holds(target)


def test_presigned_uploads_hold_with_their_content_type() -> None:
    url = client("s3").generate_presigned_url(
        "put_object", Params={"Bucket": "bucket", "Key": "k", "ContentType": "a/b"}
    )
    assert holds(head("PUT", url, {"Content-Type": "a/b"}))
    assert not holds(head("PUT", url, {"Content-Type": "text/html"}))


def test_a_hash_that_an_uploader_adds_to_a_presigned_address_is_not_signed() -> None:
    s3 = client("s3", config=Config(signature_version="s3v4"))
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "k"})
    assert holds(head("PUT", url, {"X-Amz-Content-Sha256": "0" * 64}))


def test_presigned_calls_of_other_services_hold() -> None:
    request = AWSRequest("GET", f"{ENDPOINT}/?Action=GetCallerIdentity&Version=2011-06-15")
    SigV4QueryAuth(Credentials(KEY, SECRET), "sts", "us-east-1", expires=60).add_auth(request)
    assert holds(head("GET", str(request.url)))


def test_blanks_in_headers_count_once_and_repeated_headers_are_joined() -> None:
    request, body = sent("stepfunctions", lambda c: c.list_activities())
    headers = request.headers | {b"x-amz-target": b"  " + request.headers[b"x-amz-target"] + b" "}
    assert holds(request._replace(headers=headers), body)


V4 = "AWS4-HMAC-SHA256"
NO_HOST = f"{V4} Credential=k/20260101/r/s/aws4_request, SignedHeaders=date, Signature=0"
OF_2026 = "X-Amz-Credential=k&X-Amz-Date=20260101T000000Z"


@pytest.mark.parametrize(
    ("authorization", "query", "code", "said"),
    [
        ("", "", "MissingAuthenticationToken", "neither an Authorization header"),
        ("Bearer abc", "", "MissingAuthenticationToken", "'Bearer abc'"),
        ("AWS key:signature", "", "MissingAuthenticationToken", V4),
        ("AWS4-ECDSA-P256-SHA256 Credential=k/1", "", "MissingAuthenticationToken", "ECDSA"),
        (V4, "", "IncompleteSignature", "Credential="),
        (NO_HOST, "", "IncompleteSignature", "SignedHeaders with host"),
        ("", "X-Amz-Credential=k", "AuthorizationQueryParametersError", "X-Amz-Date is ''"),
        ("", f"{OF_2026}&X-Amz-Expires=999999", "AuthorizationQueryParametersError", "999999"),
        ("", f"{OF_2026}&X-Amz-Expires=-1", "AuthorizationQueryParametersError", "-1"),
        ("", "AWSAccessKeyId=k&Signature=s&Expires=never", "AccessDenied", "'never'"),
        ("", "AWSAccessKeyId=k&Signature=s&Expires=1", "AccessDenied", "1970-01-01"),
        ("", "AWSAccessKeyId=k&Signature=s&Expires=99999999999", "AccessDenied", "5138"),
    ],
)
def test_what_is_no_signature_is_refused_with_what_it_is(
    authorization: str, query: str, code: str, said: str
) -> None:
    headers = {"X-Amz-Date": "20260101T000000Z"} | ({"Authorization": authorization} if authorization else {})
    with pytest.raises(Refused) as refused:
        holds(head("GET", f"{ENDPOINT}/?{query}", headers), now=datetime(9999, 1, 1, tzinfo=UTC))
    assert (refused.value.code, said in refused.value.message) == (code, True), refused.value.message


def test_a_signature_in_the_header_counts_before_one_in_the_query() -> None:
    request, _ = sent("stepfunctions", lambda c: c.list_activities())
    signature = signature_of(request._replace(query="AWSAccessKeyId=other"), datetime.now(UTC))
    assert isinstance(signature, SignedV4)
    assert signature.key_id == KEY


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Credential=k&X-Amz-Date=99991231T235959Z&X-Amz-Expires=604800",
        f"X-Amz-Credential=k&X-Amz-Date=20260101T000000Z&X-Amz-Expires={'9' * 5000}",
        "X-Amz-Credential=%ff%00&a",
        "&&&",
        "=",
        "a=%zz",
        quote("\ud83d".encode("utf-8", "surrogatepass")),
    ],
)
def test_odd_queries_are_refused_and_no_error(query: str) -> None:
    with pytest.raises(Refused):
        holds(head("GET", f"{ENDPOINT}/?{query}"))


def test_a_signature_looks_as_it_does_on_aws() -> None:
    request, _ = sent("s3", lambda c: c.list_buckets())
    assert re.match(
        rb"AWS4-HMAC-SHA256 Credential=LOOPBACKKEY/\d{8}/us-east-1/s3/aws4_request, ",
        request.headers[b"authorization"],
    )
