"""The command line in this process, against a stage in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from operations.__main__ import main
from tests.unit.operations.deployed import DeployedStage, client, deployed_stage

Scones = Callable[..., tuple[int, str, str]]


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeployedStage]:
    """A stage that the verbs find, with nothing in it."""
    for service in ("cloudformation", "lambda", "s3", "stepfunctions"):
        client(service)  # before they are all that there is
    monkeypatch.setattr("boto3.client", lambda service, **_: client(service))
    monkeypatch.setattr("operations.runs.watch.LONGEST_PAUSE", 0)
    with deployed_stage() as stage:
        yield stage


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
