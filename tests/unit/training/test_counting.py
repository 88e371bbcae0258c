"""Progress over pictures: lines for a log, one line on a terminal, nothing of what is soon through."""

from __future__ import annotations

import sys

import pytest

from training.counting import counted


def walk(monkeypatch: pytest.MonkeyPatch, seconds_each: float) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    for item in counted("abcdefgh", "decoding pictures", 8):
        assert item in "abcdefgh"
        now[0] += seconds_each


def test_a_log_has_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    walk(monkeypatch, 10)
    assert capsys.readouterr().err.splitlines() == [
        "decoding pictures: 2 of 8, 60 s left",
        "decoding pictures: 4 of 8, 40 s left",
        "decoding pictures: 6 of 8, 20 s left",
    ]
    walk(monkeypatch, 2)
    assert capsys.readouterr().err == ""


def test_a_terminal_has_one_line_that_goes_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    walk(monkeypatch, 1)
    said = capsys.readouterr().err
    assert said.startswith("\rdecoding pictures: 1 of 8, 7 s left\x1b[K\rdecoding pictures: 2 of 8")
    assert said.endswith("\r\x1b[K")
    assert "\n" not in said
