"""The state folder: one holder, readable files."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest
from loopback_aws.__main__ import main
from loopback_aws.environment import client_environment, no_proxy
from loopback_aws.errors import LocalError
from loopback_aws.guard.keys import KeyPair
from loopback_aws.instance import claim, is_held, publish, record_path, running
from loopback_aws.state_files import set_aside_unreadable


def claim_elsewhere(state: str) -> str:
    """Error message of a claim from another process; empty when it succeeded."""
    try:
        with claim(Path(state)):
            return ""
    except LocalError as error:
        return str(error)


def in_other_process(state: Path) -> str:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(claim_elsewhere, (str(state),))


def test_a_held_folder_is_refused_naming_process_and_port(tmp_path: Path) -> None:
    with claim(tmp_path):
        holder = publish(tmp_path, 4567)
        message = in_other_process(tmp_path)
        assert f"process {holder.pid}, port 4567" in message
        assert "--state DIR" in message
        assert running(tmp_path) == holder
    assert in_other_process(tmp_path) == ""


def test_a_folder_that_it_makes_is_its_owners_alone(tmp_path: Path) -> None:
    state = tmp_path / "above" / "state"
    with claim(state):
        assert state.stat().st_mode & 0o777 == 0o700


def test_a_record_without_a_holder_is_stale(tmp_path: Path) -> None:
    record_path(tmp_path).write_text(json.dumps({"pid": 1, "port": 4566}))
    assert running(tmp_path) is None
    with claim(tmp_path):
        assert is_held(tmp_path)
        assert running(tmp_path) is None


def test_an_unreadable_state_file_is_kept_and_reported(tmp_path: Path) -> None:
    (tmp_path / "s3.json").write_text('{"payload": {"buck')
    (tmp_path / "sns.json").write_text("{}")
    (tmp_path / "sqs.json.tmp").write_text("{")
    [message] = set_aside_unreadable(tmp_path)
    [aside] = tmp_path.glob("s3.json.unreadable-*")
    assert aside.read_text() == '{"payload": {"buck'
    assert str(tmp_path / "s3.json") in message
    assert aside.name in message
    assert {path.name for path in tmp_path.iterdir()} == {"sns.json", aside.name}


def test_the_environment_stays_on_loopback(tmp_path: Path) -> None:
    keys = KeyPair(access_key_id="LOOPBACK1", secret_access_key="quiet")
    variables = client_environment(tmp_path, 4567, keys)
    assert (variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]) == ("LOOPBACK1", "quiet")
    assert variables["AWS_ENDPOINT_URL"] == variables["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:4567"
    assert variables["CDK_HOME"].startswith(str(tmp_path))
    assert no_proxy("example.org, localhost") == "example.org,localhost,127.0.0.1"


def test_a_state_that_is_no_folder_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["serve", "--state", str(tmp_path / "file")]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: {tmp_path / 'file'} cannot be written (")
    assert said.endswith("take another one with --state DIR.\n")
