"""How long the page's scripts run until it is drawn: 2 s at most for 1,000 inferences."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Open
from tests.browser.documents import document

SECONDS = 2.0


@pytest.mark.parametrize("inferences", [10, 1000, 10_000])
def test_scripting_time(
    open_report: Open, record_property: Callable[[str, object], None], inferences: int
) -> None:
    """The best of three openings, where the first was slow: other programs use the processors, too."""
    numbers = document(inferences)
    measured = float("inf")
    for _ in range(3):
        opened = open_report(numbers, stopped_clock=False)
        duration = opened.page.evaluate("performance.getEntriesByName('report')[0].duration")
        measured = min(measured, duration / 1000)
        if measured < SECONDS:
            break
    record_property("scripting_seconds", measured)
    print(f"{inferences} inferences: {measured:.3f} s of scripting")
    assert opened.points("recent").count() == min(inferences, 1000)
    assert measured < SECONDS
