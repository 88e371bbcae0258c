"""What people read, evaluated as Step Functions would: nothing of an execution's input is to be trusted."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from stacks.workflow import failure_message
from tests.template.workflow.jsonata_states import evaluate

RUNBOOK = 'https://console.example.com/s3?a=b&prefix="c.md'
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:scones-dev-classify-image"
EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:scones-dev-classify-image:run-1"


def told(given: Any, error: str = "LowConfidence", cause: Any = "too low", **state: Any) -> tuple[str, str]:
    """Subject and message for an execution with the input `given`."""
    context = {
        "Execution": {"Id": EXECUTION, "Name": "run-1", "Input": given},
        "StateMachine": {"Id": MACHINE},
    }
    caught = {"Error": error, "Cause": cause, "State": "Classify image", **state}

    def text(expression: str) -> str:
        return str(evaluate(expression, input=caught, context=context))

    return text(failure_message.subject("scones-dev")), text(failure_message.message(RUNBOOK))


def of_lambda(message: str, error: str = "LowConfidence") -> str:
    """The cause as Step Functions has it from a function that raised."""
    return json.dumps({"errorMessage": message, "errorType": error, "requestId": "r", "stackTrace": ["  x"]})


def test_subject_names_stage_error_and_image() -> None:
    subject, _ = told({"s3_key": "test/bicycle.png"})
    assert subject == "scones-dev: LowConfidence on test/bicycle.png"


@pytest.mark.parametrize(
    "key", ["é/日本.png", "a\nb\tc.png", "x" * 1024, "🚲.png", "quo\"te's.png", "a+b c.png"]
)
def test_subject_is_what_sns_accepts_whatever_the_key(key: str) -> None:
    subject, message = told({"s3_key": key})
    assert 0 < len(subject) < 100
    assert all(" " <= character <= "~" for character in subject)
    assert f"Image: {key}\n" in message


def test_it_leads_to_what_to_do_about_the_error() -> None:
    _, message = told({"s3_key": "a.png"}, error="ImageNotFound")
    assert f"\nWhat to do about ImageNotFound: {RUNBOOK}\n" in message


def test_why_is_the_functions_own_message_unescaped() -> None:
    why = 'confidence 0.71 of "bicycle"\nis below 0.93 (\\ é)'
    _, message = told({"s3_key": "a.png"}, cause=of_lambda(why))
    assert f"Why: {why}\n" in message
    assert "stackTrace" not in message


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        ("", "no cause was given"),
        (None, "no cause was given"),
        ("plain text {", "plain text {"),
        ('{"errorMessage": "cut sho', '{"errorMessage": "cut sho'),
        (of_lambda(""), "no cause was given"),
        ("x" * 30_000, "x" * 2_000),
    ],
)
def test_why_can_be_missing_cut_short_or_long(cause: Any, why: str) -> None:
    _, message = told({"s3_key": "a.png"}, cause=cause)
    assert f"Why: {why}\n" in message


@pytest.mark.parametrize(
    "given", [{}, {"s3_key": 7}, {"s3_key": ""}, [1, 2], "text", 5, True, {"image_data": 1}]
)
def test_no_input_keeps_people_from_being_told(given: Any) -> None:
    subject, message = told(given, error="InvalidInput")
    assert subject == "scones-dev: InvalidInput on no image"
    assert EXECUTION in message


def test_the_command_runs_the_same_input_again() -> None:
    given = {"image_data": "", "s3_bucket": "my-bucket", "s3_key": "test/it's é.png", "threshold": 0.9}
    _, message = told(given)
    words = shlex.split(message.partition("To run it again:\n")[2])
    assert words[:3] == ["aws", "stepfunctions", "start-execution"]
    assert words[words.index("--state-machine-arn") + 1] == MACHINE
    assert json.loads(words[words.index("--input") + 1]) == given


@pytest.mark.parametrize(
    "given",
    [
        {"image_data": "A" * 200_000},
        {"image_data": "QUJD"},
        {"s3_key": "k", "other": "B" * 9_000},
        "text",
        ["a"],
    ],
)
def test_large_or_odd_input_is_fetched_not_printed(given: Any) -> None:
    _, message = told(given)
    assert len(message.encode()) < 8_000
    fetch, start = message.partition("To run it again:\n")[2].splitlines()
    assert shlex.split(fetch)[2:5] == ["describe-execution", "--execution-arn", EXECUTION]
    assert fetch.endswith("--query input --output text > input.json")
    assert start.endswith("--input file://input.json")


def test_the_worst_message_is_far_below_the_limit_of_sns() -> None:
    given = {"s3_bucket": "b" * 300, "s3_key": "日" * 5_000, "x": "'" * 1_000}
    subject, message = told(given, error="E" * 256, cause=of_lambda("日" * 9_000))
    assert len(subject) == 99
    assert len(message.encode()) < 262_144 / 4


def test_links_to_the_execution() -> None:
    _, message = told({})
    assert (
        f"https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/{EXECUTION}"
        in message
    )


@pytest.mark.parametrize(
    "given",
    [
        {
            "detail-type": "Object Created",
            "detail": {"bucket": {"name": "b-1"}, "object": {"key": "in/a.png"}},
        },
        {"Records": [{"s3": {"bucket": {"name": "b-1"}, "object": {"key": "in/a.png"}}}]},
    ],
)
def test_an_event_of_s3_names_its_image(given: Any) -> None:
    subject, message = told(given)
    assert subject == "scones-dev: LowConfidence on in/a.png"
    assert "Image: in/a.png in bucket b-1\n" in message
