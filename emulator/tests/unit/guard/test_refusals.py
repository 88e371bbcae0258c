"""Every protocol's parser in botocore reads a refusal as the error that AWS would send."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.session import get_session
from loopback_aws.guard.refusals import Refused, answer, error_type

SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=test/20261201/us-east-1/{}/aws4_request, …"}
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
JSON = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "AWSStepFunctions.ListStateMachines"}
CBOR = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
MESSAGE = "Access key '<&\"' is unknown. " + "é" * 200


@pytest.mark.parametrize(
    ("service", "protocol", "headers", "code"),
    [
        ("stepfunctions", "json", JSON, "UnrecognizedClientException"),
        ("lambda", "rest-json", {}, "UnrecognizedClientException"),
        ("sns", "query", FORM, "InvalidClientTokenId"),
        ("s3", "rest-xml", {}, "InvalidAccessKeyId"),
        ("cloudfront", "rest-xml", {}, "InvalidClientTokenId"),
        ("cloudwatch", "smithy-rpc-v2-cbor", CBOR, "UnrecognizedClientException"),
    ],
)
def test_the_error_is_in_the_protocol_of_the_request(
    service: str, protocol: str, headers: dict[str, str], code: str
) -> None:
    given = headers | {name: text.format(service) for name, text in SIGNED.items()}
    refusal = Refused("InvalidClientTokenId", MESSAGE)
    kind, body = answer(refusal, {name.encode(): text.encode() for name, text in given.items()})
    raw: Any = {
        "status_code": 403,
        "headers": {"content-type": kind.decode(), "x-amzn-errortype": error_type(refusal)},
        "body": body,
    }
    error = create_parser(protocol).parse(raw, shape_of(service))["Error"]
    assert (error["Code"], error["Message"]) == (code, MESSAGE)


def shape_of(service: str) -> Any:
    """The output of any operation of the service."""
    model = ServiceModel(get_session().get_service_data(service), service)
    names = model.operation_names
    return next(
        model.operation_model(name).output_shape for name in names if model.operation_model(name).output_shape
    )


def test_without_a_signature_and_a_protocol_it_is_what_s3_says() -> None:
    kind, body = answer(Refused("MissingAuthenticationToken", "unsigned"), {})
    assert kind == b"application/xml"
    assert b"<Error><Code>AccessDenied</Code><Message>unsigned</Message>" in body
