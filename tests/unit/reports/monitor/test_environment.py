"""The monitor's environment is a contract with the stack: every problem is told at once."""

from __future__ import annotations

import pytest

from lambda_src.core.errors import InvalidConfiguration
from reports.figures.limits import Limits
from reports.monitor.environment import MonitorEnvironment
from tests.unit.reports.monitor.watched import VARIABLES


def test_what_a_stack_gives() -> None:
    limits = Limits(window_hours=6)
    given = VARIABLES | {"RUNBOOK_URL": "https://runbook", "LIMITS": limits.as_json()}
    environment = MonitorEnvironment.read(given)
    assert environment.links == {"runbook": "https://runbook"}
    assert environment.limits == limits
    assert environment.state_key == "monitor/state.json.gz"
    assert MonitorEnvironment.read(VARIABLES).links == {}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        *((name, "", f"{name} is not set") for name in VARIABLES if name != "RUNBOOK_URL"),
        ("DATA_BUCKET", "No_Bucket", "DATA_BUCKET 'No_Bucket' is no bucket name"),
        ("CAPTURE_URI", "data-bucket/x", "CAPTURE_URI must be s3://bucket/prefix"),
        ("CAPTURE_URI", "s3://X/x", "CAPTURE_URI must be s3://bucket/prefix"),
        ("MODEL_ARTIFACT", "s3://assets", "MODEL_ARTIFACT must be s3://bucket/key"),
        ("THRESHOLD", "1.5", "THRESHOLD must be a number from 0 to 1"),
        ("THRESHOLD", "nan", "THRESHOLD must be a number from 0 to 1"),
        ("THRESHOLD", "high", "THRESHOLD could not convert"),
        ("STATE_MACHINE_ARN", "machine", "STATE_MACHINE_ARN must be the ARN of a state machine"),
        ("BATCH_STATE_MACHINE_ARN", "arn:aws:s3:::bucket", "BATCH_STATE_MACHINE_ARN must be the ARN"),
        ("LIMITS", '{"drift": 1}', "LIMITS limits: drift is unknown"),
        ("REPORTS_PREFIX", "reports", "REPORTS_PREFIX must end in /"),
        ("STATE_PREFIX", "monitor", "STATE_PREFIX must end in /"),
        ("IMAGE_EVERY", "-1", "IMAGE_EVERY must be 0 or more"),
        ("IMAGE_EVERY", "٣", "IMAGE_EVERY must be 0 or more"),
    ],
)
def test_what_it_refuses(name: str, value: str, words: str) -> None:
    with pytest.raises(InvalidConfiguration, match=words):
        MonitorEnvironment.read(VARIABLES | {name: value})


def test_every_problem_is_in_one_error() -> None:
    with pytest.raises(InvalidConfiguration) as raised:
        MonitorEnvironment.read({"THRESHOLD": "2"})
    assert all(name in str(raised.value) for name in VARIABLES if name != "RUNBOOK_URL")
    assert "deploy the monitoring stack again" in str(raised.value)
