"""How far a long step is: a bar with the time left for a person, now and then a line in a log."""

from __future__ import annotations

import io
from itertools import count

import pytest
from rich.console import Console

from operations.progress import LINE_SECONDS, Lines, progress_bars
from training.staging.example import UNKNOWN


def test_a_log_gets_a_line_every_ten_seconds_with_the_time_left() -> None:
    told: list[str] = []
    seconds = count()
    lines = Lines(told.append, lambda: float(next(seconds)))  # a second passes at each report
    for done in range(1, 26):
        lines("listing pictures", 1_000 * done, UNKNOWN)
    for done in range(1, 31):
        lines("looking at pictures", 100 * done, 3_000)
    assert LINE_SECONDS == 10
    assert told == [
        "listing pictures: 11,000",
        "listing pictures: 21,000",
        "looking at pictures: 1,100 of 3,000, 17 s left",
        "looking at pictures: 2,100 of 3,000, 9 s left",
    ]


def test_a_terminal_gets_a_bar_an_activity(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, highlight=False, markup=False)
    monkeypatch.setattr("operations.progress.progress_console", lambda: console)
    with progress_bars() as progress:
        progress("listing pictures", 0, UNKNOWN)
        progress("listing pictures", 2_000, 2_000)
        for done in range(1, 2_001):
            progress("looking at pictures", done, 2_000)
    last = screen.getvalue().replace("\r", "\n").split("\n")[-3:]
    assert "listing pictures" in last[0]
    assert "2,000 of 2,000" in last[0]
    assert "looking at pictures" in last[1]
    assert "2,000 of 2,000 0:00:00" in last[1].replace("\x1b[36m", "").replace("\x1b[0m", "")
