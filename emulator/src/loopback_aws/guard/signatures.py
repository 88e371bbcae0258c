"""What a request is signed with, and what its signature has to be.

Signature Version 4 in the header or the query (presigned), and the query form of version 2, in which boto3
still presigns S3's addresses. AWS describes them in "AWS Signature Version 4 for API requests" and, for
version 2, in S3's "Signing and authenticating REST requests".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from botocore.auth import HmacV1Auth
from botocore.credentials import Credentials
from botocore.utils import normalize_url_path

from loopback_aws.guard.refusals import Refused, shown

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
CONTENT_HASH = b"x-amz-content-sha256"
LONGEST = 7 * 24 * 3600
"""Seconds that a presigned address may be good for."""
S3_SERVICES = ("s3", "s3-object-lambda", "s3-outposts", "s3express")
Pairs = list[tuple[str, str]]
_BUCKET_HOST = re.compile(r"(.+?)(?:\.s3(?:[.-][a-z0-9-]+)?)?\.localhost(?::|$)")


class Head(NamedTuple):
    """A request but for its body. A header that is there twice has its values joined by a comma."""

    method: str
    path: str
    """As it was sent, percent-encoded."""
    query: str
    """As it was sent."""
    headers: dict[bytes, bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedV4:
    """The claims of a signature of version 4."""

    key_id: str
    date: str
    region: str
    service: str
    signed_headers: str
    given: str
    moment: str
    query: Pairs
    """Parameters that are signed, decoded."""
    presigned: bool

    def payload_hash(self, head: Head) -> str | None:
        """What stands for the body in the signature; None when the body's SHA-256 does."""
        told = head.headers.get(CONTENT_HASH)
        if told is not None and (
            not self.presigned or CONTENT_HASH.decode() in self.signed_headers.split(";")
        ):
            return told.decode("latin1")
        if not self.presigned:
            return None
        return dict(self.query).get(
            "X-Amz-Content-Sha256", UNSIGNED_PAYLOAD if self.service in S3_SERVICES else None
        )

    def expected(self, head: Head, secret: str, payload_hash: str) -> str:
        """The signature that the holder of the secret makes of this request."""
        canonical = b"\n".join(
            (
                head.method.encode(),
                self._path(head.path).encode(),
                _canonical_query(self.query).encode(),
                *(
                    b"%b:%b" % (name, b" ".join(head.headers.get(name, b"").split()))
                    for name in self.signed_headers.encode().split(b";")
                ),
                b"",
                self.signed_headers.encode(),
                payload_hash.encode(),
            )
        )
        scope = f"{self.date}/{self.region}/{self.service}/aws4_request"
        to_sign = f"{ALGORITHM}\n{self.moment}\n{scope}\n{hashlib.sha256(canonical).hexdigest()}"
        key = _signing_key(secret, self.date, self.region, self.service)
        return hmac.digest(key, to_sign.encode(), "sha256").hex()

    def _path(self, path: str) -> str:
        """S3 signs the path as it is, all others one that is normalized and encoded once more."""
        if self.service in S3_SERVICES:
            return quote(unquote(path, "latin1"), safe="/-_.~", encoding="latin1")
        return quote(normalize_url_path(path), safe="/-_.~")


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedV2:
    """The claims of an address of S3 that is presigned with version 2."""

    key_id: str
    given: str
    expires: int
    """Seconds since the epoch."""
    query: dict[str, str]

    def payload_hash(self, _: Head) -> str | None:
        """The body is not signed."""
        return UNSIGNED_PAYLOAD

    def expected(self, head: Head, secret: str, _: str) -> str:
        """The signature that the holder of the secret makes of this request."""
        headers = {
            name.decode("latin1"): value.decode("latin1").strip() for name, value in head.headers.items()
        }
        said = {
            name: value
            for name, value in (*self.query.items(), *headers.items())
            if name.startswith("x-amz-")
        }
        lines = [
            head.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            str(self.expires),
        ]
        lines += [f"{name}:{said[name]}" for name in sorted(said)]
        bucket = _BUCKET_HOST.match(headers.get("host", ""))
        address = urlsplit(f"{'/' + bucket.group(1) if bucket else ''}{head.path}?{head.query}")
        lines.append(HmacV1Auth(Credentials("", "")).canonical_resource(address))
        signature = hmac.digest(secret.encode(), "\n".join(lines).encode("latin1", "replace"), "sha1")
        return base64.b64encode(signature).decode()


def signature_of(head: Head, now: datetime) -> SignedV4 | SignedV2:
    """The signature of a request, in its header or its query.

    Refused without one, and with one whose time is over.
    """
    authorization = head.headers.get(b"authorization", b"").decode("latin1")
    if authorization.startswith(ALGORITHM):
        return _in_header(head, authorization)
    pairs = _pairs(head.query)
    query = dict(pairs)
    if "X-Amz-Credential" in query:
        presigned = _in_query(pairs, query, now)
        _check_added(head, presigned.signed_headers)
        return presigned
    if "AWSAccessKeyId" in query:
        _check_added(head, None)
        return _in_query_v2(query, now)
    raise Refused("MissingAuthenticationToken", f"The request is not signed: {_what(authorization)}.")


def _check_added(head: Head, signed_headers: str | None) -> None:
    """Refused when the holder of a presigned address adds what would lead it to another operation.

    `signed_headers` are the names that are signed; None when all of AWS's are, as in version 2.
    """
    if b"authorization" in head.headers:
        raise Refused(
            "InvalidArgument",
            "Only one auth mechanism allowed: the address is presigned, and Authorization is "
            f"{shown(head.headers[b'authorization'])}. Leave that header out.",
        )
    signed = {name.encode() for name in (signed_headers or "").lower().split(";")} | {CONTENT_HASH}
    added = sorted(name for name in head.headers if name.startswith(b"x-amz-") and name not in signed)
    if added and signed_headers is not None:
        raise Refused(
            "AccessDenied",
            "There were headers present in the request which were not signed: the address was made without "
            f"{shown(b', '.join(added))}. Leave them out, or make an address with them.",
        )


def _what(authorization: str) -> str:
    if authorization:
        return (
            f"Authorization is {shown(authorization.encode('latin1'))}, which is not {ALGORITHM} (version 4)"
        )
    return f"it has neither an Authorization header of {ALGORITHM} nor the query of a presigned address"


def _in_header(head: Head, authorization: str) -> SignedV4:
    parts = authorization[len(ALGORITHM) :].split(",")
    fields = dict(part.strip().partition("=")[::2] for part in parts)
    return _signed_v4(
        fields.get("Credential", ""),
        fields.get("SignedHeaders", ""),
        fields.get("Signature", ""),
        head.headers.get(b"x-amz-date", head.headers.get(b"date", b"")).decode("latin1"),
        _pairs(head.query),
        presigned=False,
    )


def _in_query(pairs: Pairs, query: dict[str, str], now: datetime) -> SignedV4:
    moment, seconds = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
    try:
        begin = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        good_for = int(seconds)
    except ValueError:
        raise Refused(
            "AuthorizationQueryParametersError",
            f"X-Amz-Date is {moment[:40]!a} and X-Amz-Expires is {seconds[:40]!a}: a time like "
            "20261201T120000Z and a number of seconds are needed.",
        ) from None
    if not 0 < good_for <= LONGEST:
        raise Refused(
            "AuthorizationQueryParametersError",
            f"X-Amz-Expires is {seconds[:40]!a}: 1 to {LONGEST} seconds are possible.",
        )
    _check_expiry(begin, good_for, now)
    return _signed_v4(
        query["X-Amz-Credential"],
        query.get("X-Amz-SignedHeaders", ""),
        query.get("X-Amz-Signature", ""),
        moment,
        [pair for pair in pairs if pair[0] != "X-Amz-Signature"],
        presigned=True,
    )


def _in_query_v2(query: dict[str, str], now: datetime) -> SignedV2:
    expires = query.get("Expires", "")
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 11):
        raise Refused("AccessDenied", f"Expires is {expires[:40]!a}: seconds since the epoch are needed.")
    _check_expiry(datetime.fromtimestamp(int(expires), UTC), 0, now)
    return SignedV2(
        key_id=query["AWSAccessKeyId"],
        given=query.get("Signature", ""),
        expires=int(expires),
        query=query,
    )


def _check_expiry(begin: datetime, seconds: int, now: datetime) -> None:
    if now - begin > timedelta(seconds=seconds):
        end = begin + timedelta(seconds=seconds)  # before now: an end after the last year would be an error
        raise Refused("AccessDenied", f"Request has expired: the address was good until {end.isoformat()}.")


def _signed_v4(
    credential: str, signed_headers: str, given: str, moment: str, query: Pairs, *, presigned: bool
) -> SignedV4:
    scope = credential.split("/")
    if len(scope) != 5 or scope[4] != "aws4_request" or "host" not in signed_headers.split(";") or not moment:
        raise Refused(
            "IncompleteSignature",
            "The signature needs Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders with host, "
            "Signature and a date.",
        )
    return SignedV4(
        key_id=scope[0],
        date=scope[1],
        region=scope[2],
        service=scope[3],
        signed_headers=signed_headers,
        given=given,
        moment=moment,
        query=query,
        presigned=presigned,
    )


def _pairs(query: str) -> Pairs:
    """A query's parameters, decoded byte by byte."""
    if not query:
        return []
    split = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(name, "latin1"), unquote(value, "latin1")) for name, _, value in split]


def _canonical_query(pairs: Pairs) -> str:
    encoded = sorted(
        (quote(name, safe="-_.~", encoding="latin1"), quote(value, safe="-_.~", encoding="latin1"))
        for name, value in pairs
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


@lru_cache(maxsize=256)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode("utf-8", "replace"), "sha256")
    return key
