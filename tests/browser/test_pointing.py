"""Hover, tap and keyboard show what a point is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.browser.conftest import Open
from tests.browser.documents import document
from tests.browser.opened_page import OpenedPage


def shows(opened: OpenedPage, record: dict[str, Any]) -> None:
    """The card is of this record."""
    text = opened.card.inner_text()
    assert opened.card.is_visible()
    assert record["s3_key"] in text
    assert record["execution"] in text
    assert f"{100 * record['confidence']:.2f}\u00a0%" in text
    time = datetime.fromisoformat(record["time"]).astimezone(ZoneInfo("Europe/Berlin"))
    assert f"{time:%H:%M:%S}" in text
    assert (
        opened.card.locator("time").get_attribute("title") == f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    )
    assert opened.card.locator("img").get_attribute("src") == record["picture"]
    assert opened.card.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 32


def middle(opened: OpenedPage, chart: str, index: int) -> tuple[float, float]:
    """Where a point is in the window."""
    point = opened.points(chart).nth(index)
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def lowest(numbers: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The least certain record, and its place among the low ones, which are drawn last."""
    record = numbers["least_certain"][0]
    confident = sum(not other["low"] for other in numbers["recent"])
    return confident + [other for other in numbers["recent"] if other["low"]].index(record), record


def test_hover_shows_the_nearest_inference(open_report: Open) -> None:
    numbers = document(60)
    opened = open_report(numbers)
    index, record = lowest(numbers)
    x, y = middle(opened, "recent", index)
    opened.page.mouse.move(x + 3, y + 4)
    shows(opened, record)
    opened.page.mouse.move(2, 2)
    opened.card.wait_for(state="hidden")


def test_hover_far_from_any_point_shows_nothing(open_report: Open) -> None:
    opened = open_report(document(1))
    x, y = middle(opened, "recent", 0)
    opened.page.mouse.move(x, y)
    assert opened.card.is_visible()
    opened.page.mouse.move(x - 60, y)
    opened.card.wait_for(state="hidden")


def test_a_click_pins_the_card_so_that_its_link_can_be_followed(open_report: Open) -> None:
    numbers = document(60)
    opened = open_report(numbers)
    index, record = lowest(numbers)
    opened.page.mouse.click(*middle(opened, "recent", index))
    opened.page.mouse.move(*middle(opened, "recent", 0))
    shows(opened, record)
    assert opened.card.locator("a").get_attribute("href") == (
        "https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1"
        f"#/v2/executions/details/{record['execution_arn']}"
    )
    opened.page.keyboard.press("Escape")
    assert not opened.card.is_visible()


def test_a_tap_shows_the_inference(open_report: Open) -> None:
    numbers = document(20)
    opened = open_report(numbers, width=375, height=740, has_touch=True, is_mobile=True)
    index, record = lowest(numbers)
    opened.page.touchscreen.tap(*middle(opened, "recent", index))
    shows(opened, record)


def test_the_card_does_not_hide_the_point_on_a_phone(open_report: Open) -> None:
    opened = open_report(document(20), width=375, height=740, has_touch=True, is_mobile=True)
    for top in (120, 640):
        opened.points("recent").last.evaluate(
            "(point, top) => scrollBy(0, point.getBoundingClientRect().top - top)", top
        )
        box = opened.points("recent").last.bounding_box()
        assert box is not None
        opened.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        card = opened.card.bounding_box()
        assert card is not None
        assert not card["y"] - 9 < box["y"] < card["y"] + card["height"]
        opened.page.keyboard.press("Escape")


def test_arrow_keys_walk_the_inferences_in_time(open_report: Open) -> None:
    numbers = document(60)
    opened = open_report(numbers)
    opened.chart("recent").locator('[tabindex="0"]').focus()
    shows(opened, numbers["recent"][-1])
    opened.page.keyboard.press("ArrowLeft")
    shows(opened, numbers["recent"][-2])
    opened.page.keyboard.press("Home")
    shows(opened, numbers["recent"][0])
    opened.page.keyboard.press("ArrowRight")
    shows(opened, numbers["recent"][1])
    opened.page.keyboard.press("PageDown")
    shows(opened, numbers["recent"][11])
    opened.page.keyboard.press("Escape")
    assert not opened.card.is_visible()
    opened.page.keyboard.press("End")
    shows(opened, numbers["recent"][-1])


def test_enter_goes_to_the_link_and_escape_comes_back(open_report: Open) -> None:
    opened = open_report(document(60))
    opened.chart("recent").locator('[tabindex="0"]').focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate("document.activeElement.closest('#card') !== null")
    opened.page.keyboard.press("Escape")
    assert opened.page.evaluate("document.activeElement.matches('[data-chart=recent] .point')")


def test_each_chart_is_one_tab_stop(open_report: Open) -> None:
    opened = open_report(document(60))
    for chart in ("recent", "hours", "executions", "classes", "confidence"):
        assert opened.chart(chart).locator('[tabindex="0"]').count() == 1, chart
        opened.chart(chart).locator('[tabindex="0"]').focus()
        opened.page.keyboard.press("ArrowLeft")
        assert opened.card.is_visible(), chart
        assert opened.chart(chart).locator('[tabindex="0"]').count() == 1, chart
        assert opened.page.evaluate("document.activeElement.getAttribute('aria-label').length") > 10


def test_the_focus_can_be_seen(open_report: Open) -> None:
    opened = open_report(document(60))
    opened.chart("recent").locator('[tabindex="0"]').focus()
    assert opened.chart("recent").locator(".ring").is_visible()
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_an_hour_says_its_outcomes(open_report: Open) -> None:
    numbers = document(300)
    opened = open_report(numbers)
    opened.points("executions").first.focus()
    hour = numbers["executions"]["hours"][0]
    text = opened.card.inner_text().replace("\u00a0", " ")
    assert "14:00\u201315:00 UTC+2" in text
    assert f"{sum(count for name, count in hour.items() if name != 'start')} executions" in text


def test_the_inferences_as_a_table(open_report: Open) -> None:
    numbers = document(60)
    opened = open_report(numbers)
    assert opened.page.locator("#recent-table tbody tr").count() == 0
    opened.page.locator("#recent-table summary").click()
    rows = opened.page.locator("#recent-table tbody tr")
    rows.first.wait_for()
    assert rows.count() == 60
    assert numbers["recent"][-1]["s3_key"] in rows.first.inner_text()


def test_where_there_is_no_console_the_command_line_is_shown(open_report: Open) -> None:
    numbers = document(20, where="AWS on loopback, http://127.0.0.1:4566")
    opened = open_report(numbers, console=False)
    opened.chart("recent").locator('[tabindex="0"]').focus()
    record = numbers["recent"][-1]
    command = f"aws stepfunctions describe-execution --execution-arn '{record['execution_arn']}'"
    assert opened.card.locator("code").inner_text() == command
    assert opened.card.locator("a").count() == 0


def test_a_chart_that_the_focus_scrolls_to_shows_its_point(open_report: Open) -> None:
    opened = open_report(document(60), height=500)
    opened.page.evaluate("scrollTo(0, 0)")
    opened.chart("confidence").locator('[tabindex="0"]').focus()
    # Two frames: the page has scrolled, and those who listen to that have been told.
    opened.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert opened.page.evaluate("scrollY") > 0
    assert opened.card.is_visible()
    opened.page.evaluate("scrollTo(0, 0)")
    opened.card.wait_for(state="hidden")


def test_only_tables_that_scroll_are_tab_stops(open_report: Open) -> None:
    wide = open_report(document(60)).page.locator("#drift .table")
    assert wide.get_attribute("tabindex") is None
    narrow = open_report(document(60), width=375).page.locator("#drift .table")
    assert narrow.get_attribute("tabindex") == "0"
    assert narrow.get_attribute("aria-label") == "Drift of each measure"
