"""InvokeEndpoint's limits and errors, and what data capture writes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.hosting.hosting import Hosting
from tests.running.emulator import Emulator
from tests.running.waiting import until


@pytest.fixture(scope="module")
def hosting(aws: Emulator) -> Hosting:
    return Hosting(aws)


@pytest.fixture(scope="module")
def endpoint(hosting: Hosting) -> Iterator[str]:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{hosting.bucket}/data-capture",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
    }
    name = hosting.endpoint(hosting.config(hosting.model(), DataCaptureConfig=capture))
    yield name
    hosting.api.delete_endpoint(EndpointName=name)


def refused(hosting: Hosting, endpoint: str, **request: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        hosting.invoke(endpoint, **request)
    return dict(caught.value.response)


def test_a_models_refusal_is_a_model_error_with_its_status_and_text(hosting: Hosting, endpoint: str) -> None:
    with pytest.raises(hosting.runtime.exceptions.ModelError) as caught:
        hosting.invoke(endpoint, b"a picture", ContentType="image/png")
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == 415
    assert "image/png is no text/plain" in response["OriginalMessage"]
    assert response["LogStreamArn"].endswith(f":log-group:/aws/sagemaker/Endpoints/{endpoint}")
    assert re.match(
        rf'Received client error \(415\) from primary with message ".*"\. See https://us-east-1\.console\..*'
        rf"group=/aws/sagemaker/Endpoints/{endpoint} in account 000000000000 for more information\.$",
        response["Error"]["Message"],
    )


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        ({"body": b"x" * 6_291_457}, "413", "HTTP content length exceeded 6291456 bytes."),
        ({"TargetVariant": "Blue"}, "ValidationError", "Variant Blue not found"),
        ({"TargetModel": "a.tar.gz"}, "ValidationError", "is not a multi-model endpoint"),
        ({"InferenceComponentName": "part"}, "ValidationError", "not emulated on loopback"),
        ({"InferenceId": "x" * 65}, "ValidationError", "InferenceId"),
    ],
    ids=["large", "variant", "multi-model", "component", "inference id"],
)
def test_what_never_reaches_the_model(
    hosting: Hosting, endpoint: str, request_: dict[str, Any], code: str, message: str
) -> None:
    error = refused(hosting, endpoint, **request_)["Error"]
    assert error["Code"] == code
    assert message in error["Message"]


def test_the_largest_body_reaches_the_model(hosting: Hosting, endpoint: str) -> None:
    assert refused(hosting, endpoint, body=b"\xff" * 6_291_456)["OriginalStatusCode"] == 400


def test_an_unknown_endpoint_is_named(hosting: Hosting) -> None:
    with pytest.raises(hosting.runtime.exceptions.ValidationError) as caught:
        hosting.invoke("nowhere")
    message = caught.value.response["Error"]["Message"]
    assert message == "Endpoint nowhere of account 000000000000 not found."


def test_captured_records_hold_what_went_in_and_out(hosting: Hosting, endpoint: str) -> None:
    for number in range(3):
        hosting.invoke(endpoint, b"blue", InferenceId=f"capture-{number}")
    refused(hosting, endpoint, body=b"\xff, no text")

    def records() -> list[dict[str, Any]]:
        listed = hosting.s3.list_objects_v2(
            Bucket=hosting.bucket, Prefix=f"data-capture/{endpoint}/AllTraffic/"
        )
        found = []
        for entry in listed.get("Contents", []):
            pattern = r".*/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f\-]{36}\.jsonl"
            assert re.fullmatch(pattern, entry["Key"])
            body = hosting.s3.get_object(Bucket=hosting.bucket, Key=entry["Key"])["Body"].read()
            found += [json.loads(line) for line in body.splitlines()]
        return [r for r in found if r["eventMetadata"].get("inferenceId", "").startswith("capture-")]

    until(lambda: len(records()) == 3)
    for record in records():
        given, answered = record["captureData"]["endpointInput"], record["captureData"]["endpointOutput"]
        assert base64.b64decode(given["data"]) == b"blue"
        assert (given["encoding"], answered["encoding"]) == ("BASE64", "JSON")
        assert json.loads(answered["data"]) == [0, 1]
