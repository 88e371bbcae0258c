"""Which AWS the notebook works on, what it starts there, and what it stops; every tool is a stub."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from notebooks import workplace
from operations.aws.deployment import Deployment
from operations.aws.errors import OperationError

VARIABLES = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
    "AWS_ACCESS_KEY_ID": "a key",
    "AWS_REGION": "us-east-1",
}
TOOL = """#!/bin/bash
echo "$(basename $0) $* at ${{AWS_ENDPOINT_URL:-}} of ${{AWS_PROFILE:-nobody}}" >> {calls}
case "$*" in
  *fails*) echo "the reason" >&2; exit 1 ;;
  *status*) cat {status} ;;
  *up*) echo '{variables}' ;;
esac
"""
DEPLOYED = Deployment(stage="local", where="AWS on loopback", in_aws=False, outputs={})


class Stubs:
    """What was called, and what the stub of AWS on loopback says of itself."""

    def __init__(self, folder: Path) -> None:
        self.log, self.status = folder / "calls", folder / "status"
        self.log.touch()
        self.status.write_text('{"running": false}')
        text = TOOL.format(calls=self.log, status=self.status, variables=json.dumps(VARIABLES))
        for name in ("python", "npx"):
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubs]:
    """In the place of Python's and Node's programs, in a shell of somebody with a profile."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(workplace.OURS):
            del os.environ[name]
    os.environ["AWS_PROFILE"] = "somebody"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    yield Stubs(tmp_path)
    os.environ.clear()
    os.environ.update(before)
    boto3.DEFAULT_SESSION = None


def test_loopback_is_started_and_stopped_and_the_person_s_profile_leads_nowhere(stubs: Stubs) -> None:
    place = workplace.open_workplace()
    assert place.started
    assert os.environ["AWS_ENDPOINT_URL"] == VARIABLES["AWS_ENDPOINT_URL"]
    assert os.environ["AWS_DEFAULT_REGION"] == "us-east-1"
    assert "AWS_PROFILE" not in os.environ
    assert "stopped" in place.close()
    assert os.environ["AWS_PROFILE"] == "somebody"
    assert "left as it is" in place.close(), "once"
    assert [call.split()[3] for call in stubs.calls] == ["status", "up", "down"]


def test_loopback_that_runs_already_is_left(stubs: Stubs) -> None:
    stubs.status.write_text('{\n  "ready": true\n}')
    place = workplace.open_workplace()
    assert not place.started
    assert "left as it is" in place.close()
    assert [call.split()[3] for call in stubs.calls] == ["status", "up"]
    assert os.environ["AWS_ENDPOINT_URL"] == VARIABLES["AWS_ENDPOINT_URL"]


def test_a_shell_that_leads_to_loopback_is_followed(stubs: Stubs) -> None:
    os.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
    assert not workplace.open_workplace().started
    assert os.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert stubs.calls == []


def test_aws_is_reached_as_the_shell_says_and_nothing_is_started(stubs: Stubs) -> None:
    os.environ["AWS_REGION"] = "eu-central-1"
    place = workplace.open_workplace("aws", "prod")
    assert (place.stage, place.started, stubs.calls) == ("prod", False, [])
    assert os.environ["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert os.environ["AWS_PROFILE"] == "somebody"


def test_aws_is_not_meant_where_the_kernel_leads_to_loopback(stubs: Stubs) -> None:
    workplace.open_workplace()
    with pytest.raises(OperationError, match=r'restart the kernel.*eval "\$\(make leave\)"'):
        workplace.open_workplace("aws")
    with pytest.raises(OperationError, match="TARGET is 'AWS'"):
        workplace.open_workplace("AWS")
    assert len(stubs.calls) == 2


def found(*answers: Any) -> Any:
    """In the place of find_deployment: what it gives or raises, one after the other."""
    left = list(answers)

    def find(_stage: str | None) -> Deployment:
        answer: Deployment | Exception = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return find


def test_on_loopback_a_stage_that_is_not_there_is_deployed_with_the_model(
    stubs: Stubs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = workplace.open_workplace()
    missing = OperationError("Stage local is not deployed")
    monkeypatch.setattr(workplace, "find_deployment", found(missing, DEPLOYED, DEPLOYED))
    assert place.deployment(tmp_path / "model.tar.gz") is DEPLOYED
    first, second = (call.partition(" at ")[0] for call in stubs.calls[2:])
    context = f"-c stage=local -c model_artifact={tmp_path}/model.tar.gz --ci"
    assert first == f"npx --no-install cdk bootstrap {context}"
    assert second == f"npx --no-install cdk deploy --all --require-approval never {context}"
    assert stubs.calls[-1].endswith("at http://127.0.0.1:4566 of nobody")
    assert place.deployment(tmp_path / "model.tar.gz") is DEPLOYED
    assert len(stubs.calls) == 4, "what is there keeps its model"


def test_on_aws_nothing_is_deployed(stubs: Stubs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = workplace.open_workplace("aws")
    missing = OperationError("Stage dev is not deployed")
    silent = EndpointConnectionError(endpoint_url="http://127.0.0.1:9")
    monkeypatch.setattr(workplace, "find_deployment", found(missing, silent))
    with pytest.raises(OperationError, match="Stage dev is not deployed"):
        place.deployment(tmp_path)
    with pytest.raises(OperationError, match=r"Is it running\? .*make up"):
        place.deployment(tmp_path)
    assert stubs.calls == []


@pytest.mark.usefixtures("stubs")
def test_what_fails_says_what_it_said_and_what_installs_it(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match=r"cdk fails --ci failed.*make setup SET=synth.*\nthe reason"):
        workplace._cdk("fails")
    (tmp_path / "npx").unlink()
    os.environ["PATH"] = str(tmp_path)
    with pytest.raises(OperationError, match=r"npx cannot be started \(No such file.*make setup SET=synth"):
        workplace._cdk("deploy")
