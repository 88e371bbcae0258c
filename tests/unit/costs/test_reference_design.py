"""The design that ours is compared with: a chain of three, whose functions do what is counted for them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from costs.reference_design import REQUESTS, SOURCE, STEPS, UNSURE, definition
from tests.aws import CREDENTIALS, Aws, aws_in_process, json_answer


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Aws, Callable[[float], Any]]]:
    """AWS with one image, and what runs it through the functions at a threshold."""
    for name, value in {**CREDENTIALS, "ENDPOINT_NAME": "scones-dev"}.items():
        monkeypatch.setenv(name, value)
    with aws_in_process() as aws:
        module = importlib.reload(importlib.import_module(f"costs.{SOURCE.stem}"))
        aws.objects["bucket", "a.png"] = b"picture"
        aws.answers["InvokeEndpoint"] = json_answer([0.2, 0.8])

        def through(threshold: float) -> Any:
            monkeypatch.setenv("THRESHOLD", str(threshold))
            state: Any = {"s3_bucket": "bucket", "s3_key": "a.png", "threshold": 0}
            for step in STEPS:
                state = getattr(module, step)(state, None)
            return state

        yield aws, through


def test_it_is_a_chain_of_three() -> None:
    states = definition(["a", "b", "c"])
    walked, name = [], states["StartAt"]
    while name:
        walked.append(states["States"][name]["Parameters"]["FunctionName"])
        name = states["States"][name].get("Next")
    assert (walked, len(STEPS)) == (["a", "b", "c"], 3)


def test_an_image_goes_through_with_the_requests_that_are_counted(
    run: tuple[Aws, Callable[[float], Any]],
) -> None:
    aws, through = run
    assert through(0.5)["body"]["inferences"] == [0.2, 0.8]
    of_s3 = [operation for operation in aws.operations if operation != "InvokeEndpoint"]
    assert of_s3 == ["HeadObject", "GetObject"]
    assert REQUESTS.s3_gets == len(of_s3)
    assert [request.body for request in aws.calls("InvokeEndpoint")] == [b"picture"]


def test_an_unsure_answer_ends_with_the_error_that_is_expected(
    run: tuple[Aws, Callable[[float], Any]],
) -> None:
    with pytest.raises(Exception, match="THRESHOLD_CONFIDENCE_NOT_MET") as raised:
        run[1](0.9)
    assert type(raised.value).__name__ == UNSURE
