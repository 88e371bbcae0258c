"""The verb `scones simulate` before it comes to AWS: help, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.__main__ import main


def scones(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["simulate", *argv])
    output = capsys.readouterr()
    code = end.value.code
    return code if isinstance(code, int) else 0, output.out, output.err


@pytest.fixture(autouse=True)
def nothing_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder; nothing of this comes as far as AWS."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("COLUMNS", "200")


def test_help_teaches_by_example_and_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = scones(capsys, "--help")
    assert code == 0
    for text in ("scones simulate --minutes 2 --rate 5", "--drift blur", "--burst 2000", "130 after Ctrl-C"):
        assert text in out


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        ([], "Give either --minutes and --rate"),
        (["--burst", "10", "--rate", "1"], "Give either --minutes and --rate"),
        (["--minutes", "1"], "needs both --minutes and --rate"),
        (["--burst", "10", "--drift", "new-class"], "new-class needs --drawn"),
        (["--burst", "10", "--drift-from", "0"], "what changes is for --drift to say"),
        (["--burst", "0"], "--burst"),
        (["--burst", "10", "--drift", "rain"], "'brightness', 'blur', 'new-class'"),
        (["--burst", "10", "--drawn", "--drift-from", "1.5"], "--drift-from"),
    ],
)
def test_what_is_not_possible_exits_2_with_the_reason_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], argv: list[str], reason: str
) -> None:
    code, out, err = scones(capsys, *argv)
    assert (code, out) == (2, "")
    assert reason in err
    assert not list(Path.cwd().iterdir())
