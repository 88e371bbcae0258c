"""The three functions in a row: each takes what the one before returned, and nothing outgrows a state."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from lambda_src.core.classes import ModelClasses
from lambda_src.core.errors import InvalidInput
from lambda_src.core.image.prediction import keep_confident
from lambda_src.core.image.records import Classification, read_classification
from lambda_src.core.image.request import read_request
from lambda_src.core.limits import MAX_INLINE_IMAGE_BYTES, MAX_STATE_BYTES
from tests.aws import Answer, Aws
from tests.unit.lambda_src.answers import probabilities
from tests.unit.lambda_src.conftest import Run
from tests.unit.lambda_src.pictures import picture, png


def test_from_input_to_result(aws: Aws, serialize: Run, classify: Run, keep: Run) -> None:
    aws.answers["GetObject"] = Answer(body=picture("PNG"))
    aws.answers["InvokeEndpoint"] = probabilities(
        0.97, 0.03, X_Amzn_SageMaker_Custom_Attributes="model=0123456789ab"
    )
    result = keep(classify(serialize({"image_data": "", "s3_key": "test/bicycle.png"})))
    assert result["predicted_class"] == "bicycle"
    assert (result["confidence"], result["threshold"], result["model"]) == (0.97, 0.9, "0123456789ab")
    assert aws.operations == ["GetObject", "InvokeEndpoint"]


CONTROL, ACCENT, CYCLE = "\x01", "é", "🚲"
SMALLEST = 2.2250738585072014e-308


def state_bytes(value: Any) -> int:
    """Size of a state's data with every non-ASCII character escaped, the largest that JSON makes of it."""
    return len(json.dumps(value))


@pytest.mark.parametrize("key", [CONTROL * 1024, ACCENT * 512, CYCLE * 256])
def test_no_state_outgrows_the_limit(aws: Aws, serialize: Run, classify: Run, key: str) -> None:
    aws.answers["GetObject"] = Answer(body=png(total_bytes=MAX_INLINE_IMAGE_BYTES))
    execution_name = CYCLE * 80
    fields = {"s3_bucket": "b" * 63, "s3_key": key, "threshold": SMALLEST}

    serialized = serialize(fields, execution_name)
    assert len(serialized["image_data"]) * 3 // 4 == MAX_INLINE_IMAGE_BYTES
    assert state_bytes({"execution_name": execution_name, "input": serialized}) < MAX_STATE_BYTES

    classes = tuple(f"{index:03d}{CYCLE * 9}" for index in range(100))  # 4 KB of environment
    inferences = [0.1234567890123456] * 8 + [SMALLEST] * 91 + [1 - 8 * 0.1234567890123456]
    classified = classify(serialized, execution_name) | {"inferences": inferences, "model": "f" * 12}
    kept = keep_confident(read_classification(classified), ModelClasses(classes, {}), 0.9)
    assert state_bytes({"execution_name": execution_name, "input": classified}) < 20_000
    assert state_bytes(kept._asdict()) < 20_000


def test_functions_are_told_everything_and_so_fit_a_batch() -> None:
    requests = [read_request({"s3_key": f"{index}.png"}, "inbox") for index in range(3)]
    assert [request.s3_key for request in requests] == ["0.png", "1.png", "2.png"]
    row = Classification("inbox", "0.png", None, "batch-7.0", [0.2, 0.3, 0.5], "m")
    assert keep_confident(row, ModelClasses(("a", "b", "c"), {}), 0.4).predicted_class == "c"


def test_log_lines_name_execution_and_image_but_hold_no_image(
    aws: Aws, serialize: Run, caplog: pytest.LogCaptureFixture
) -> None:
    image = picture("PNG")
    aws.answers["GetObject"] = Answer(body=image)
    with caplog.at_level(logging.INFO, logger="scones"):
        data = serialize({"s3_key": "a b.png"}, "run-7")["image_data"]
        with pytest.raises(InvalidInput):
            serialize({"image_data": data, "threshold": 2}, "run-8")
    done, failed = (vars(record) for record in caplog.records)
    assert done["execution_name"] == "run-7"
    assert (done["inference_id"], done["s3_bucket"], done["s3_key"]) == ("run-7", "data-bucket", "a b.png")
    assert (failed["execution_name"], failed["error"], failed["levelname"]) == (
        "run-8",
        "InvalidInput",
        "WARNING",
    )
    assert not any(data in str(value) for record in (done, failed) for value in record.values())
