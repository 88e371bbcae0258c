"""Requests that are signed as an SDK signs them, and sent by hand."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.running.emulator import Emulator


def signed(
    aws: Emulator, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
) -> urllib.request.Request:
    """The request with botocore's signature for the service."""
    pair = Credentials(aws.keys.access_key_id, aws.keys.secret_access_key)
    request = AWSRequest(method, aws.endpoint + path, dict(headers), body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(pair, service, "us-east-1").add_auth(request)
    return urllib.request.Request(aws.endpoint + path, body or None, dict(request.headers), method=method)
