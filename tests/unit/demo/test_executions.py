"""What the demo says of its five executions and of the notifications about them."""

from __future__ import annotations

import json

import pytest

from demo.executions import Case, Notification, Outcome

CASE = Case("no such image", {"image_data": "", "s3_key": "test/none.png"})


def outcome(error: str | None, cause: str | None) -> Outcome:
    output = {} if error else {"predicted_class": "bicycle", "confidence": 0.99}
    return Outcome(CASE, "FAILED" if error else "SUCCEEDED", error, cause, output, 0.5)


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (json.dumps({"errorMessage": "there is no object"}), "there is no object"),
        ("in plain words", "in plain words"),
        ('{"errorType": "X"}', '{"errorType": "X"}'),
        (None, ""),
    ],
)
def test_a_failed_execution_says_why(cause: str | None, reason: str) -> None:
    given, ended = outcome("ImageNotFound", cause).lines()
    assert given == 'input   {"image_data": "", "s3_key": "test/none.png"}'
    assert ended == f"error   ImageNotFound: {reason}"


def test_a_successful_one_gives_its_output_as_it_is() -> None:
    assert outcome(None, None).lines()[1] == 'output  {"predicted_class": "bicycle", "confidence": 0.99}'


def test_the_model_has_answered_below_its_threshold_too() -> None:
    errors = (None, "LowConfidence", "ImageNotFound")
    assert [outcome(error, None).answered for error in errors] == [True, True, False]


def test_a_notification_is_tied_to_the_error_that_its_subject_names() -> None:
    errors = ["LowConfidence", "ImageNotFound"]
    named = Notification("scones local: ImageNotFound", "…").as_summary(errors)
    assert named == {"subject": "scones local: ImageNotFound", "error": "ImageNotFound"}
    assert Notification("scones local", "…").as_summary(errors)["error"] is None
