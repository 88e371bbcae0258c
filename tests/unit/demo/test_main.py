"""What `python -m demo` answers and leaves when it does not get to its end, and what a person can copy."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from demo import __main__ as demo
from demo import report
from demo.interruption import Interruption
from demo.loopback import alone
from demo.processes import CommandFailed
from demo.subscriber import Notification


@pytest.mark.parametrize(
    ("reason", "code", "said"),
    [
        (CommandFailed("`cdk deploy` ended with exit code 1"), 1, "The demo stopped: `cdk deploy`"),
        (KeyboardInterrupt(), 130, "Nothing is left running"),
    ],
)
def test_a_demo_that_stops_leaves_no_figures_of_an_earlier_one(
    reason: BaseException,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stop(*_: object) -> None:
        raise reason

    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    monkeypatch.setattr(demo, "demonstrate", stop)
    monkeypatch.setattr(Interruption, "listen", lambda _: None)
    (tmp_path / "summary.json").write_text("{}")
    assert demo.main([]) == code
    assert said in capsys.readouterr().out
    assert not (tmp_path / "summary.json").exists()


def test_a_second_demo_leaves_the_first_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    monkeypatch.setattr(Interruption, "listen", lambda _: None)
    (tmp_path / "summary.json").write_text("{}")
    with alone(tmp_path):
        assert demo.main([]) == 1
    assert f"another demo runs in {tmp_path}" in capsys.readouterr().out
    assert (tmp_path / "summary.json").exists()


def test_a_notification_is_shown_with_its_command_in_one_line() -> None:
    command = "aws stepfunctions start-execution --state-machine-arn " + "a" * 100
    console = Console(file=io.StringIO(), width=80)
    report.show_notifications(console, [Notification("it failed", f"Why: so\n\n{command}")])
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue().splitlines()
    assert shown[0] == "Subject: it failed"
    assert shown[-1].endswith(command)
