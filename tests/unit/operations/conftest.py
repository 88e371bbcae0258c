"""The command line in this process, against a stage in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from operations.__main__ import main
from tests.aws import Aws, aws_in_process
from tests.unit.operations.deployed import DeployedStage, client, deployed_stage

Scones = Callable[..., tuple[int, str, str]]


def use_clients(monkeypatch: pytest.MonkeyPatch, services: Iterable[str]) -> None:
    """Hand whoever asks boto3 for a client of these services the one that tests have."""
    for service in services:
        client(service)  # before they are all that there is
    monkeypatch.setattr("boto3.client", lambda service, **_: client(service))


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeployedStage]:
    """A stage that the verbs find, with nothing in it."""
    use_clients(monkeypatch, ("cloudformation", "lambda", "s3", "stepfunctions"))
    monkeypatch.setattr("operations.runs.watch.LONGEST_PAUSE", 0)
    with deployed_stage() as stage:
        yield stage


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """S3 with the bucket that pictures are staged from."""
    s3 = client("s3")
    monkeypatch.setattr("operations.staging.own_source.s3_client", lambda: s3)
    with aws_in_process("bucket") as aws:
        yield aws


def put(files: dict[str, bytes]) -> None:
    """Objects of that bucket, by key."""
    s3 = client("s3")
    for key, content in files.items():
        s3.put_object(Bucket="bucket", Key=key, Body=content)


@pytest.fixture
def run_scones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Scones:
    """Runs a command line in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("COLUMNS", "240")
    monkeypatch.setattr("operations.progress.LINE_SECONDS", float("inf"))  # however busy the machine is

    def run(*argv: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(argv)
        output = capsys.readouterr()
        code = end.value.code
        return code if isinstance(code, int) else 0, output.out, output.err

    return run
