"""The answer and the bill of a synchronous execution."""

from __future__ import annotations

import pytest
from loopback_aws.states.api.express import answer_of, billing

from tests.unit.states.known import NOON, execution


@pytest.mark.parametrize(("seconds", "billed"), [(0, 100), (0.1, 100), (0.101, 200), (2.05, 2100)])
def test_the_bill_of_an_express_execution(seconds: float, billed: int) -> None:
    assert billing(seconds)["billedDurationInMilliseconds"] == billed


@pytest.mark.parametrize(
    ("status", "told"),
    [("SUCCEEDED", "SUCCEEDED"), ("FAILED", "FAILED"), ("TIMED_OUT", "TIMED_OUT"), ("ABORTED", "FAILED")],
)
def test_the_status_of_a_synchronous_execution(status: str, told: str) -> None:
    assert answer_of(execution("a", status=status, stop=NOON), with_data=True)["status"] == told


def test_an_answer_without_data() -> None:
    answer = answer_of(execution("a", status="FAILED", stop=NOON, error="E", cause="C"), with_data=False)
    assert not {"input", "output", "error", "cause"} & answer.keys()
    assert answer["inputDetails"] == {"included": False}
