"""Classify images: every image classified or a row, whatever the endpoint does."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_src.core.errors import EndpointThrottled, EndpointUnavailable, ImageNotFound, ModelFailed
from tests.aws import Answer, Aws, Request
from tests.unit.lambda_src.answers import model_error, runtime_error
from tests.unit.lambda_src.batches import POOR, batch, container, stock
from tests.unit.lambda_src.conftest import Run
from tests.unit.pictures.recordio_reader import read_images

pytestmark = pytest.mark.usefixtures("hurry")


def test_one_image_that_the_model_dies_of(aws: Aws, chain: Callable[..., Any]) -> None:
    keys = stock(aws, 100)
    aws.objects["inbox", "37.png"] = POOR
    rows = chain(keys)
    assert [row["n"] for row in rows if row["outcome"] != "accepted"] == [37]
    assert rows[37]["error"] == "ModelFailed"
    assert "worker died" in rows[37]["cause"]
    sent = aws.calls("InvokeEndpoint")
    assert len(sent) <= 2 * math.ceil(math.log2(100)) + 1
    for row in rows:  # which record of which request: the one that was answered
        if row["n"] != 37:
            id, _, index = row["inference_id"].partition("#")
            (request,) = [r for r in sent if r.headers["x-amzn-sagemaker-inference-id"] == id]
            assert read_images(request.body)[int(index)].id == row["n"]


def test_an_outage_is_left_to_the_states_retry(aws: Aws, serialize: Run, classify: Run) -> None:
    serialized = serialize(batch(stock(aws, 100)))
    aws.answers["InvokeEndpoint"] = model_error(500, "session lost")
    with pytest.raises(ModelFailed, match="session lost"):
        classify(serialized)
    assert len(aws.calls("InvokeEndpoint")) < 10


@pytest.mark.usefixtures("classify")
def test_no_request_is_begun_that_the_function_may_not_survive(aws: Aws, serialize: Run) -> None:
    """A model that hung for a minute on the pack: the error is raised, and not cut off by the time-out."""
    keys = stock(aws, 10)
    aws.objects["inbox", "3.png"] = POOR
    serialized = serialize(batch(keys))
    module = sys.modules["lambda_src.classify_image"]
    event = {"execution_name": "execution-1", "input": serialized}
    with pytest.raises(ModelFailed):
        module.handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: 15_000))
    assert len(aws.calls("InvokeEndpoint")) == 1
    in_time = module.handler(event, SimpleNamespace(get_remaining_time_in_millis=lambda: 63_000))
    assert [row["n"] for row in in_time["errors"]] == [3]


@pytest.mark.parametrize("answers", [0, 1, 99, 101])
def test_a_wrong_number_of_answers(aws: Aws, serialize: Run, classify: Run, answers: int) -> None:
    serialized = serialize(batch(stock(aws, 100)))
    aws.answers["InvokeEndpoint"] = Answer(body=json.dumps([[0.5, 0.5]] * answers).encode())
    if answers == 1:  # right for each image alone
        assert len(classify(serialized)["classified"]) == 100
    else:
        with pytest.raises(ModelFailed, match=f"an array of {answers} to a pack of"):
            classify(serialized)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (runtime_error(400, "ThrottlingException", message=None), EndpointThrottled),
        (runtime_error(503, "ServiceUnavailable", Message="later"), EndpointUnavailable),
        (model_error(429, "queue is full"), EndpointThrottled),
    ],
)
def test_a_throttled_first_request_is_left_to_the_state(
    aws: Aws, serialize: Run, classify: Run, answer: Answer, error: type[Exception]
) -> None:
    serialized = serialize(batch(stock(aws, 10)))
    aws.answers["InvokeEndpoint"] = answer
    with pytest.raises(error):
        classify(serialized)
    assert len(aws.calls("InvokeEndpoint")) == 1


def test_later_requests_are_asked_again(aws: Aws, serialize: Run, classify: Run) -> None:
    """Every third call is throttled while the pack is bisected: nothing starts over."""
    keys = stock(aws, 50)
    aws.objects["inbox", "9.png"] = POOR
    serialized = serialize(batch(keys))

    def every_third(request: Request) -> Answer:
        throttled = len(aws.calls("InvokeEndpoint")) % 3 == 0
        return runtime_error(400, "ThrottlingException", message=None) if throttled else container(request)

    aws.answers["InvokeEndpoint"] = every_third
    out = classify(serialized)
    assert [row["n"] for row in out["errors"]] == [9]
    assert len(out["classified"]) == 49


def test_a_pack_that_is_gone(aws: Aws, serialize: Run, classify: Run) -> None:
    serialized = serialize(batch(stock(aws, 2)))
    aws.objects.clear()
    with pytest.raises(ImageNotFound, match=r"batch-packs/execution-1/0-0\.rec"):
        classify(serialized)
