"""The endpoint's answers, as real botocore parses them, under the names that operators know."""

from __future__ import annotations

import base64

import pytest

from lambda_src.aws import endpoint, s3
from lambda_src.aws.client import CONNECT_TIMEOUT_SECONDS
from lambda_src.aws.endpoint import LONGEST_REQUEST_SECONDS, Endpoint
from lambda_src.core.errors import (
    ClassificationError,
    EndpointThrottled,
    EndpointUnavailable,
    ImageTooLarge,
    InvalidInput,
    ModelFailed,
    ModelRejectedImage,
)
from stacks.settings.functions import ClassifyFunctionSettings
from tests.aws import Answer, Aws
from tests.unit.lambda_src.answers import model_error, probabilities, runtime_error
from tests.unit.lambda_src.conftest import Run
from tests.unit.lambda_src.pictures import picture

IMAGE = {
    "s3_bucket": "pictures",
    "s3_key": "a.png",
    "threshold": 0.5,
    "content_type": "image/png",
    "image_data": base64.b64encode(picture("PNG")).decode(),
    "inference_id": "execution-1",
}


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (model_error(400, "image has 5 bands"), ModelRejectedImage, ["400", "image has 5 bands"]),
        (model_error(415, "unsupported type"), ModelRejectedImage, ["415", "unsupported type"]),
        (model_error(500, "session lost"), ModelFailed, ["500", "session lost"]),
        (model_error(503, ""), ModelFailed, ["503", "Received server error (503) from primary"]),
        (model_error(408, "body is late"), EndpointUnavailable, ["408", "body is late"]),
        (model_error(429, "queue is full"), EndpointThrottled, ["429", "queue is full"]),
        (
            runtime_error(424, "ModelError", Message="no details"),
            ModelFailed,
            ["unknown status", "no details"],
        ),
        (
            runtime_error(400, "ThrottlingException", message=None),
            EndpointThrottled,
            ["400 ThrottlingException"],
        ),
        (
            runtime_error(400, "ThrottlingException", message="Rate exceeded"),
            EndpointThrottled,
            ["Rate exceeded"],
        ),
        (runtime_error(429, "TooManyRequestsException", message=""), EndpointThrottled, ["429"]),
        (Answer(429), EndpointThrottled, ["429"]),
        (
            runtime_error(400, "ValidationError", Message="Endpoint scones-test of account 1 not found."),
            EndpointUnavailable,
            ["there is no endpoint scones-test", "not found"],
        ),
        (
            runtime_error(400, "ValidationError", Message="Endpoint scones-test is Creating."),
            EndpointUnavailable,
            ["not in service", "400 ValidationError", "is Creating"],
        ),
        (runtime_error(429, "ModelNotReadyException", Message="wait"), EndpointUnavailable, ["loading"]),
        (
            runtime_error(403, "AccessDeniedException", Message="not authorized"),
            EndpointUnavailable,
            ["may not call"],
        ),
        (runtime_error(500, "InternalFailure", Message="oops"), EndpointUnavailable, ["500 InternalFailure"]),
        (runtime_error(503, "ServiceUnavailable", Message="later"), EndpointUnavailable, ["503", "later"]),
        (runtime_error(530, "InternalDependencyException", Message="x"), EndpointUnavailable, ["530"]),
        (Answer(413, b"HTTP content length exceeded 6291456 bytes."), ImageTooLarge, ["413"]),
        (
            runtime_error(400, "ValidationError", Message="Request r has oversize body."),
            ImageTooLarge,
            ["oversize"],
        ),
        (Answer(502, b"<html>Bad Gateway</html>"), EndpointUnavailable, ["502"]),
        (Answer(200, b"[0.5", length=100), EndpointUnavailable, ["scones-test"]),
    ],
)
def test_error_names(
    aws: Aws, classify: Run, answer: Answer, expected: type[ClassificationError], words: list[str]
) -> None:
    aws.answers["InvokeEndpoint"] = answer
    with pytest.raises(ClassificationError) as raised:
        classify(IMAGE)
    assert type(raised.value) is expected, raised.value
    assert all(word in str(raised.value) for word in words), str(raised.value)
    assert len(aws.requests) == 1, "the state machine retries, the client must not"


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"[0.1, 0.2, 0.7]", "3 probabilities for 2 classes"),
        (b"[1.0]", "1 probabilities for 2 classes"),
        (b"[]", "0 probabilities"),
        (b"[NaN, 1.0]", "nan as probability of class 0"),
        (b"[0.0, Infinity]", "inf as probability of class 1"),
        (b"[1e999, 0]", "inf as probability of class 0"),
        (b"[true, false]", "true as probability of class 0"),
        (b"[null, 1]", "null as probability of class 0"),
        (b'["0.1", "0.9"]', "'0.1' as probability of class 0"),
        (b"[-0.1, 1.1]", "-0.1 as probability of class 0"),
        (b"[0.4, 0.4]", "sum to 0.8 instead of 1"),
        (b"[[0.1, 0.9]]", "1 probabilities for 2 classes"),
        (b'{"predictions": [0.1, 0.9]}', "an object with 1 fields"),
        (b"0.9", "0.9 instead of 2 probabilities"),
        (b"", "not JSON: no message"),
        (b"\xff\xfe", "not JSON"),
        (b"<html>hello</html>", "not JSON: <html>hello</html>"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_answer_is_a_failed_model(aws: Aws, classify: Run, body: bytes, seen: str) -> None:
    aws.answers["InvokeEndpoint"] = Answer(200, body)
    with pytest.raises(ModelFailed) as raised:
        classify(IMAGE)
    assert seen in str(raised.value)


def test_rounded_probabilities_are_an_answer(aws: Aws, classify: Run) -> None:
    aws.answers["InvokeEndpoint"] = Answer(200, b"[1.0000001, 0]")
    assert classify(IMAGE)["inferences"] == [1.0, 0.0]
    aws.answers["InvokeEndpoint"] = Answer(200, b"[0.333, 0.6668]")
    assert classify(IMAGE)["inferences"] == [0.333, 0.6668]


def test_the_request_that_the_endpoint_sees(aws: Aws, classify: Run) -> None:
    result = classify(IMAGE | {"image_data": base64.b64encode(picture("JPEG")).decode()})
    request = aws.requests[0]
    assert request.path == "/endpoints/scones-test/invocations"
    assert request.body == picture("JPEG")
    assert request.headers["content-type"] == "image/jpeg"
    assert request.headers["x-amzn-sagemaker-inference-id"] == "execution-1"
    assert {name: result[name] for name in ("s3_bucket", "s3_key", "threshold", "inference_id")} == {
        "s3_bucket": "pictures",
        "s3_key": "a.png",
        "threshold": 0.5,
        "inference_id": "execution-1",
    }


@pytest.mark.parametrize(
    ("attributes", "model"),
    [
        ("model=0123456789ab", "0123456789ab"),
        ("trace=7; model=0123456789abcdef", "0123456789ab"),
        ("supermodel=0123456789ab", "fedcba987654"),
        ("", "fedcba987654"),
    ],
)
def test_the_model_that_answered(aws: Aws, classify: Run, attributes: str, model: str) -> None:
    aws.answers["InvokeEndpoint"] = probabilities(0.5, 0.5, X_Amzn_SageMaker_Custom_Attributes=attributes)
    assert classify(IMAGE)["model"] == model


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"image_data": None}, "image_data must be a string"),
        ({"image_data": "AAA"}, "not base64"),
        ({"image_data": "", "s3_key": ""}, "s3_key is empty"),
        ({"image_data": "", "s3_bucket": ""}, "s3_bucket is empty"),
        ({"inference_id": ""}, "inference_id must be"),
        ({"inference_id": "a\r\nX-Evil: 1"}, "inference_id must be"),
        ({"threshold": 7}, "threshold must be"),
    ],
)
def test_edited_state_is_refused_before_any_call(
    aws: Aws, classify: Run, change: dict[str, object], reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason):
        classify(IMAGE | change)
    assert aws.requests == []


@pytest.mark.usefixtures("functions")
def test_slow_and_unreachable_endpoint(silent_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "READ_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setenv("AWS_ENDPOINT_URL", silent_server)
    with pytest.raises(EndpointUnavailable, match=r"[Tt]imeout"):
        Endpoint("scones-test", "").invoke(b"image", "image/png", "id")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(EndpointUnavailable, match="could not be reached"):
        Endpoint("scones-test", "").invoke(b"image", "image/png", "id")


def test_the_endpoint_has_its_60_seconds_and_the_function_outlives_them() -> None:
    read = CONNECT_TIMEOUT_SECONDS + s3.READ_TIMEOUT_SECONDS
    assert endpoint.READ_TIMEOUT_SECONDS >= 60
    assert read + LONGEST_REQUEST_SECONDS < ClassifyFunctionSettings().timeout_seconds


@pytest.mark.parametrize("body", [b"[0.25, 0.75]", b'{"probabilities": [0.25, 0.75], "unfamiliarity": 0.9}'])
def test_it_asks_how_unfamiliar_an_image_is_and_takes_both_forms(
    aws: Aws, classify: Run, body: bytes
) -> None:
    aws.answers["InvokeEndpoint"] = Answer(200, body)
    assert classify(IMAGE)["inferences"] == [0.25, 0.75]
    [request] = aws.calls("InvokeEndpoint")
    sent = {name.lower(): value for name, value in request.headers.items()}
    assert sent["x-amzn-sagemaker-custom-attributes"] == endpoint.WITH_UNFAMILIARITY
