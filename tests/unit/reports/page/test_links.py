"""Where an execution is shown: the console of its partition, or a command line."""

from __future__ import annotations

import pytest

from reports.page.links import command_line, console_address, section_address

ARN = "arn:aws:states:eu-central-1:123456789012:execution:scones-dev-classify-image:a1b2"


def test_the_console_page_of_an_execution() -> None:
    assert console_address(ARN) == (
        "https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/"
        + ARN
    )


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_other_partitions(partition: str, region: str, host: str) -> None:
    arn = f"arn:{partition}:states:{region}:123456789012:execution:machine:a1b2"
    assert (console_address(arn) or "").startswith(f"https://{host}/states/home?region={region}#")


@pytest.mark.parametrize(
    "arn",
    [
        ARN.replace("123456789012", "000000000000"),
        ARN.replace("arn:aws:", "arn:aws-iso:"),
        "arn:aws:states:eu-central-1:123456789012:stateMachine:x",
        "javascript:alert(1)",
        ARN + "'; rm -rf ~",
        ARN + "\n",
    ],
)
def test_no_console_for_what_no_account_can_have(arn: str) -> None:
    assert console_address(arn) is None


def test_the_command_line_is_one_word_a_word() -> None:
    assert command_line(ARN) == f"aws stepfunctions describe-execution --execution-arn '{ARN}'"
    assert command_line(ARN + "' $(id)") is None


def test_sections_of_the_runbook() -> None:
    assert section_address("https://example.com/a#b", "drift") == "https://example.com/a#drift"
    assert section_address(None, "drift") == "#runbook-drift"
