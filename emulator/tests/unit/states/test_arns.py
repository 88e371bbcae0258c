"""ARNs that operations take, and those that they refuse."""

from __future__ import annotations

import pytest
from loopback_aws.states import arns

from tests.unit.states.refusals import refusal

MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:orders"


def test_parts_of_an_arn() -> None:
    arn = arns.parsed(f"{MACHINE}:PROD", "stateMachine")
    assert (arn.region, arn.account, arn.parts) == ("eu-west-1", "000000000000", ("orders", "PROD"))


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("orders", "Invalid Arn: 'Invalid ARN prefix: orders'"),
        ("arn:aws:states:eu-west-1:1:activity:x", "Invalid Arn: 'arn:aws:states:eu-west-1:1:activity:x'"),
        (MACHINE, "Invalid Arn: 'Resource type not valid in this context: stateMachine'"),
    ],
)
def test_arns_that_do_not_fit(arn: str, message: str) -> None:
    assert refusal(arns.parsed, arn, "execution") == ("InvalidArn", message)


def test_arns_of_executions() -> None:
    started = "arn:aws:states:eu-west-1:000000000000"
    assert arns.execution_arn(MACHINE, "one") == f"{started}:execution:orders:one"
    assert arns.express_arn(MACHINE, "one", "u") == f"{started}:express:orders:one:u"
