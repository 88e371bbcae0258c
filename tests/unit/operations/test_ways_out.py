"""What an error advises is done, as it is written, and then the verb goes on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore import exceptions

from operations.aws.errors import explain
from tests.unit.operations.conftest import Scones
from tests.unit.operations.deployed import BUCKET, DeployedStage
from tests.unit.operations.executions import end

AWS_CONFIG = """
[profile work]
region = eu-west-1
sso_session = work
sso_account_id = 111122223333
sso_role_name = Operator
[sso-session work]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
"""
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A person's machine that knows nothing of AWS, and an `aws` that writes down what it is asked."""
    for name in ("PROFILE", "REGION", "DEFAULT_REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "")
        monkeypatch.delenv(f"AWS_{name}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    tool = tmp_path / "bin" / "aws"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >> {tmp_path}/asked\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")
    return tmp_path


def follow(command: str) -> None:
    """Do what was advised, in a shell."""
    subprocess.run(command, shell=True, check=True, timeout=60)


@pytest.mark.usefixtures("alone")
def test_a_region_is_exported(run_scones: Scones, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, err = run_scones("executions")
    name, value = re.search(r"export (\w+)=([\w-]+)", err).groups()  # type: ignore[union-attr]
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    _, _, err = run_scones("executions")
    assert "There are no AWS credentials" in err
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOBODY)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    code, _, err = run_scones("executions")
    assert code == 2
    assert 'Is it running? For AWS on loopback: eval "$(make up)"' in err


def test_who_is_signed_out_is_told_the_command_for_the_profile(
    run_scones: Scones, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alone / "config").write_text(AWS_CONFIG)
    monkeypatch.setenv("AWS_PROFILE", "work")
    code, _, err = run_scones("executions")
    assert code == 2
    follow(err.strip().rpartition(": ")[2])
    assert (alone / "asked").read_text() == "sso|login|--profile|work|"


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (exceptions.UnauthorizedSSOTokenError(), "sso|login|--profile|my work|"),
        (
            exceptions.TokenRetrievalError(provider="sso", error_msg="expired"),
            "sso|login|--profile|my work|",
        ),
        (exceptions.LoginRefreshRequired(), "login|--profile|my work|"),
    ],
)
def test_each_kind_of_sign_in_has_its_command(
    alone: Path, monkeypatch: pytest.MonkeyPatch, error: exceptions.BotoCoreError, asked: str
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "my work")
    follow(explain(error).rpartition(": ")[2])
    assert (alone / "asked").read_text() == asked


@pytest.mark.parametrize("code", ["InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignatureException"])
def test_keys_that_are_none_are_looked_at(alone: Path, code: str) -> None:
    """AWS on loopback says itself where its keys are."""
    said = """The access key 'test' is not one of this local AWS. Take its keys: eval "$(make env)"."""
    answer: Any = {"Error": {"Code": code, "Message": said}}
    advice = explain(exceptions.ClientError(answer, "ListBuckets"))
    assert 'eval "$(make env)"' in advice
    follow(re.search("`(.*?)`", advice)[1])  # type: ignore[index]
    assert (alone / "asked").read_text() == "sts|get-caller-identity|"


def test_a_profile_that_is_none_is_looked_for(
    run_scones: Scones, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "wrok")
    _, _, err = run_scones("executions")
    follow(re.search("`(.*?)`", err)[1])  # type: ignore[index]
    assert (alone / "asked").read_text() == "configure|list-profiles|"


def test_an_empty_batch_says_what_to_run(run_scones: Scones, deployed: DeployedStage) -> None:
    deployed.states.on_start = end
    code, _, err = run_scones("batch")
    assert code == 2
    command = re.search(r"scones (batch s3://\S+)", err)
    assert command
    assert run_scones(*command[1].split())[0] == 0


@pytest.mark.parametrize(
    "argv", ["batch s3://no-such/x/", "batch --manifest s3://no-such/x", "classify s3://no-such/x.png"]
)
def test_a_bucket_that_is_none_starts_nothing(run_scones: Scones, deployed: DeployedStage, argv: str) -> None:
    deployed.states.on_start = end
    code, _, err = run_scones(*argv.split())
    assert code == 2
    assert deployed.states.executions == {}
    own = re.search(r"There is no bucket no-such\. The stage's own is (s3://[\w-]+);", err)
    assert own
    assert own[1] == f"s3://{BUCKET}"
    assert run_scones("batch", own[1])[0] == 0


@pytest.mark.usefixtures("deployed")
def test_staging_into_no_bucket_says_how_to_make_it(run_scones: Scones, alone: Path) -> None:
    code, _, err = run_scones("stage", "drawn", "--images", "30", "--to", "s3://no-such")
    assert code == 2
    for command in re.findall("`(.*?)`", err):
        follow(command)
    assert (alone / "asked").read_text() == "s3|ls|s3|mb|s3://no-such|"
