"""Times are in the reader's zone, and hours stay apart when clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from tests.browser.conftest import Open
from tests.browser.documents import document
from tests.browser.opened_page import OpenedPage


def test_the_zone_is_named_and_utc_is_there_when_pointed_at(open_report: Open) -> None:
    opened = open_report(document(30))
    assert (
        "Europe/Berlin (UTC+2, from Sun 25 Oct, 02:00 UTC+1)" in opened.page.locator(".masthead").inner_text()
    )
    start = opened.page.locator(".masthead time").first
    assert start.inner_text() == "Sat 24 Oct 2026, 14:00 UTC+2"
    assert start.get_attribute("title") == "2026-10-24 12:00:00 UTC"


def test_utc_is_named_once(open_report: Open) -> None:
    opened = open_report(document(10), timezone_id="UTC")
    assert opened.page.locator("#zone-name").inner_text().strip() == "· UTC"
    assert opened.page.locator("body").inner_text().count("UTC") == 1


def test_one_zone_is_said_once_and_the_axis_has_the_year_on_a_phone_too(open_report: Open) -> None:
    opened = open_report(document(100, stop=datetime(2027, 1, 15, 12, tzinfo=UTC)), width=390)
    text = opened.page.locator("body").inner_text()
    assert text.count("UTC+1") == 1
    assert "13:00 · Europe/Berlin (UTC+1)" in text
    opened.points("hours").first.focus()
    assert "Thu 14 Jan 2027, 13:00\u201314:00" in opened.card.inner_text()
    for chart in ("recent", "hours", "executions"):
        assert axis_labels(opened, chart)[0].endswith(" 14 Jan 2027")
        lines = opened.chart(chart).locator('g[aria-label="x-axis tick label"] text')
        sides = lines.evaluate_all(
            "texts => texts.map((one) => one.getBoundingClientRect()).map(({left, right}) => [left, right])"
        )
        assert all(right <= left for (_, right), (left, _) in pairwise(sides)), sides


def test_a_window_over_the_new_year_names_both_years_once(open_report: Open) -> None:
    opened = open_report(document(300, hours=90 * 24, stop=datetime(2027, 2, 1, 12, tzinfo=UTC)))
    for chart in ("recent", "executions"):
        labels = axis_labels(opened, chart)
        assert labels[0].endswith(" 2026"), labels
        assert sum(" 2026" in label for label in labels) == sum(" 2027" in label for label in labels) == 1


def test_hours_are_unique_over_a_clock_change(open_report: Open) -> None:
    opened = open_report(document(600))
    labels = opened.points("executions").evaluate_all(
        "points => points.map((p) => p.ariaLabel.split(', S')[0])"
    )
    assert len(set(labels)) == len(labels) == 24
    assert sum("02:00\u201302:00 UTC+2" in label for label in labels) == 1
    assert sum("02:00\u201303:00 UTC+1" in label for label in labels) == 1
    columns = opened.points("executions").evaluate_all(
        "points => points.map((p) => Number(p.getAttribute('x')))"
    )
    gaps = [later - earlier for earlier, later in pairwise(columns)]
    assert max(gaps) == pytest.approx(min(gaps), abs=0.01)


def axis_labels(opened: OpenedPage, chart: str) -> list[str]:
    """Of the time axis, their lines one after the other."""
    labels: list[str] = (
        opened.chart(chart)
        .locator('g[aria-label="x-axis tick label"] text')
        .evaluate_all(
            "texts => texts.map((text) => [...text.childNodes].map((line) => line.textContent).join(' '))"
        )
    )
    return labels


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns"])
def test_no_two_labels_of_a_time_axis_are_the_same(open_report: Open, zone: str) -> None:
    opened = open_report(document(100), timezone_id=zone)
    for chart in ("recent", "executions"):
        ticks = axis_labels(opened, chart)
        assert 8 <= len(ticks) == len(set(ticks)), ticks


def test_the_change_of_clocks_and_the_new_day_are_marked(open_report: Open) -> None:
    text = open_report(document(100)).chart("recent").locator("svg").last.text_content() or ""
    assert "clocks change" in text
    assert "00:00Sun 25 Oct" in text
    in_january = document(100, stop=datetime(2027, 1, 25, 12, tzinfo=UTC))
    assert "clocks change" not in (open_report(in_january).chart("recent").text_content() or "")


def test_an_old_report_says_so(open_report: Open) -> None:
    assert open_report(document(10)).page.locator(".old").count() == 0
    opened = open_report(document(10, stop=datetime(2026, 10, 15, 12, tzinfo=UTC)))
    assert opened.page.locator(".old").inner_text().replace("\u00a0", " ") == "This report is 10 days old."
