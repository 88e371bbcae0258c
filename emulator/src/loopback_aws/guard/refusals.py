"""What a refused request is told, in the form that the caller's protocol has for errors."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from xml.sax.saxutils import escape

JSON_CODES = {
    "AccessDenied": "AccessDeniedException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "RequestEntityTooLarge": "RequestEntityTooLargeException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}
"""AWS's names of the errors where the protocol is JSON; the others have one name everywhere."""
S3_CODES = {"InvalidClientTokenId": "InvalidAccessKeyId", "MissingAuthenticationToken": "AccessDenied"}
XML_SERVICES = (b"/cloudfront/", b"/route53/")
"""Services with REST and XML beside S3, as a signature names them."""


class Refused(Exception):
    """A request that may not come in; `code` is AWS's name of the error, the text names value and way out."""

    def __init__(self, code: str, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def shown(value: bytes) -> str:
    """A header's value for a message: its beginning, quoted, in printable ASCII."""
    text = value.decode("latin1")
    return ascii(text if len(text) <= 80 else f"{text[:80]}...")


Answer = tuple[bytes, bytes]
"""Content type and body."""


def answer(refusal: Refused, headers: Mapping[bytes, bytes]) -> Answer:
    """The body of the refusal, for a request with these headers."""
    kind, signed = headers.get(b"content-type", b""), headers.get(b"authorization", b"")
    if headers.get(b"smithy-protocol") == b"rpc-v2-cbor":
        return _cbor(refusal)
    if b"x-amz-target" in headers or b"json" in kind:
        return _json(refusal)
    if kind.startswith(b"application/x-www-form-urlencoded") or any(name in signed for name in XML_SERVICES):
        return _query_xml(refusal)
    if b"/s3/" in signed or b"aws4_request" not in signed:
        return _s3_xml(refusal)
    return _json(refusal)


def error_type(refusal: Refused) -> str:
    """The error's name in JSON protocols."""
    return JSON_CODES.get(refusal.code, refusal.code)


def _json(refusal: Refused) -> Answer:
    body = {"__type": error_type(refusal), "message": refusal.message, "Message": refusal.message}
    return b"application/x-amz-json-1.1", json.dumps(body).encode()


def _cbor(refusal: Refused) -> Answer:
    texts = ("__type", error_type(refusal), "message", refusal.message)
    return b"application/cbor", b"\xa2" + b"".join(map(_cbor_text, texts))


def _cbor_text(text: str) -> bytes:
    """A text string of RFC 8949 with its length in two bytes."""
    encoded = text.encode()
    return b"\x79" + len(encoded).to_bytes(2, "big") + encoded


def _s3_xml(refusal: Refused) -> Answer:
    code = S3_CODES.get(refusal.code, refusal.code)
    return b"application/xml", (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{escape(refusal.message)}</Message><RequestId>{uuid.uuid4()}</RequestId></Error>"
    ).encode()


def _query_xml(refusal: Refused) -> Answer:
    return b"text/xml", (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{refusal.code}</Code>"
        f"<Message>{escape(refusal.message)}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    ).encode()
