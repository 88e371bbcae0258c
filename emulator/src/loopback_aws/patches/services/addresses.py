"""Addresses of the local AWS that are handed out to be called without a key: they are presigned, as on AWS.

Custom resources answer to one, wait conditions are signalled at one, and one each serves the code of
functions and layers. The emulator answered them to everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource, wait_conditions

from loopback_aws.guard.keys import KeyPair
from loopback_aws.settings import REGION

PRIVATE = (
    "ministack.services.cloudformation.custom_resource:_response_url",
    "ministack.services.cloudformation.wait_conditions:handle_url",
    "ministack.services.lambda_svc:_presigned_code_url",
    "ministack.services.lambda_svc:_layer_content_url",
)
GOOD_FOR = 24 * 3600
"""Seconds; the longest of what waits for such a call, a wait condition, takes half of that."""


def apply(keys: KeyPair) -> None:
    """Presign each with the pair of the local AWS."""
    custom_resource._response_url = presigned("PUT", custom_resource._response_url, keys)
    wait_conditions.handle_url = presigned("PUT", wait_conditions.handle_url, keys)
    lambda_svc._presigned_code_url = presigned("GET", lambda_svc._presigned_code_url, keys)
    lambda_svc._layer_content_url = presigned("GET", lambda_svc._layer_content_url, keys)


def presigned(method: str, address: Callable[..., str], keys: KeyPair) -> Callable[..., str]:
    """`address`, whose result is signed for calls of the method."""
    signer = S3SigV4QueryAuth(
        Credentials(keys.access_key_id, keys.secret_access_key), "s3", REGION, expires=GOOD_FOR
    )

    def sign(*arguments: Any) -> str:
        request = AWSRequest(method, address(*arguments).partition("?")[0])
        signer.add_auth(request)
        return str(request.url)

    return sign
