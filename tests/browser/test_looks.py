"""Every state, width and scheme; pictures of them are kept in build/screenshots/."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import SCREENSHOTS, Open
from tests.browser.documents import document
from tests.browser.states import STATES

Keep = Callable[..., None]

ALL_FOLLOWED = (
    "[...document.querySelectorAll('.chart > svg')].every((svg) => svg.getAttribute('width') < 375)"
)
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_a_check_leads_to_its_section_of_the_runbook_in_the_page(open_report: Open) -> None:
    opened = open_report(document(300) | {"links": {}}, width=390)
    section = opened.page.locator("#runbook-drift")
    assert not section.is_visible()
    opened.page.get_by_role("link", name="Read the runbook's section").first.click()
    opened.wait_until("document.querySelector('#runbook details').open")
    assert section.is_visible()
    assert 0 <= section.evaluate("heading => heading.getBoundingClientRect().top") < 450
    assert not opened.page.evaluate(TOO_WIDE)


@pytest.mark.parametrize("state", STATES)
def test_every_state_fits(open_report: Open, keep_screenshot: Keep, state: str) -> None:
    opened = open_report(STATES[state](), console=state != "damaged")
    assert opened.page.locator(".chart .nothing").count() == 0, "a chart was not drawn"
    heights = opened.page.locator(".part.empty").evaluate_all("all => all.map((one) => one.offsetHeight)")
    assert max(heights, default=0) < 80, "what is empty is small"
    assert not opened.page.evaluate(TOO_WIDE)
    keep_screenshot(opened, state)
    opened.page.set_viewport_size({"width": 375, "height": 740})
    opened.wait_until(ALL_FOLLOWED)
    assert not opened.page.evaluate(TOO_WIDE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_schemes(open_report: Open, keep_screenshot: Keep, scheme: str) -> None:
    opened = open_report(document(1000), color_scheme=scheme)
    paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) > 380) == (scheme == "light")
    keep_screenshot(opened, f"report-{scheme}")
    opened.page.locator("#recent").scroll_into_view_if_needed()
    opened.chart("recent").locator('[tabindex="0"]').focus()
    keep_screenshot(opened, f"card-{scheme}", whole=False)


def test_of_a_long_key_the_end_is_seen(open_report: Open) -> None:
    numbers = document(30)
    numbers["least_certain"][0]["s3_key"] = "simulations/a-name-of-some-length/images/000123.png"
    key = open_report(numbers).page.locator(".gallery .key").first
    hidden = key.evaluate(
        """(line) => {
          const end = document.createRange(), text = line.firstElementChild.firstChild;
          end.setStart(text, text.length - 10);
          end.setEnd(text, text.length);
          const [cut, seen] = [end.getBoundingClientRect(), line.getBoundingClientRect()];
          return [line.scrollWidth > line.clientWidth, cut.left < seen.left || cut.right > seen.right + 1];
        }"""
    )
    assert hidden == [True, False], "it is too long, and its last ten letters are inside"


def test_a_phone(open_report: Open, keep_screenshot: Keep) -> None:
    opened = open_report(document(1000), width=375, height=740, has_touch=True, is_mobile=True)
    assert not opened.page.evaluate(TOO_WIDE)
    keep_screenshot(opened, "report-phone")
    opened.chart("recent").locator('[tabindex="0"]').focus()
    box = opened.card.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 375
    keep_screenshot(opened, "card-phone", whole=False)


def test_charts_follow_the_width(open_report: Open) -> None:
    opened = open_report(document(50))
    opened.page.set_viewport_size({"width": 420, "height": 800})
    opened.wait_until("document.querySelector('[data-chart=recent] > svg').getAttribute('width') < 420")
    assert opened.points("recent").count() == 50


def test_print_is_light_and_whole(open_report: Open, keep_screenshot: Keep) -> None:
    opened = open_report(document(60), color_scheme="dark")
    opened.page.emulate_media(media="print")
    assert (
        opened.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--surface')")
        == "#ffffff"
    )
    keep_screenshot(opened, "report-print")
    opened.page.pdf(path=SCREENSHOTS / "report.pdf", format="A4", print_background=True)


def test_without_scripts_verdict_and_tables_are_there(open_report: Open, keep_screenshot: Keep) -> None:
    opened = open_report(document(300), java_script_enabled=False)
    text = opened.page.locator("body").inner_text()
    assert "Needs attention" in text
    assert "1 of 8 measures: Brightness, PSI 0.31" in text
    assert "a script, which did not run" in text
    assert opened.page.locator(".gallery li").count() == 24
    keep_screenshot(opened, "without-scripts")


def test_colours_are_not_alone(open_report: Open) -> None:
    """Classes differ by shape, and states by words."""
    opened = open_report(document(300))
    shapes = opened.points("recent").evaluate_all(
        "points => points.map((p) => p.getAttribute('fill') + p.getAttribute('d').replace(/[^A-Z]/g, ''))"
    )
    assert len(set(shapes)) == len({shape.partition(")")[0] for shape in shapes}) == 2, (
        "a shape for each colour"
    )
    assert len({shape.partition(")")[2] for shape in shapes}) == 2, "and another for another"
    for check in opened.page.locator(".check .state").all_inner_texts():
        assert check.strip() in {"Well", "Needs attention", "Not known"}
