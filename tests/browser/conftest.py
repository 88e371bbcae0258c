"""One browser a session, a new window for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from reports.document import Numbers
from reports.page import render_page
from tests.browser.browser import ARGUMENTS, MISSING, find_browser
from tests.browser.documents import STOP
from tests.browser.opened_page import OpenedPage, open_page

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"

Open = Callable[..., OpenedPage]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a numbers document; at the end, nothing may have gone wrong in it."""
    contexts = []
    opened_pages = []

    def open_report(
        numbers: Numbers,
        *,
        width: int = 1280,
        height: int = 900,
        stopped_clock: bool = True,
        console: bool = True,
        **options: Any,
    ) -> OpenedPage:
        options = {
            "timezone_id": "Europe/Berlin",
            "color_scheme": "light",
            "reduced_motion": "reduce",
            **options,
        }
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        # A page that is slow because the machine is busy is not a page that does not open.
        context.set_default_timeout(120_000)
        contexts.append(context)
        if stopped_clock:
            # Ten minutes after the window, because a report of long ago says so.
            context.clock.set_fixed_time(STOP + timedelta(minutes=10))
        file = tmp_path / f"report-{len(contexts)}.html"
        file.write_text(render_page(numbers, console=console), encoding="utf-8")
        opened_pages.append(open_page(context, file))
        return opened_pages[-1]

    yield open_report
    for context in contexts:
        context.close()
    assert [opened.errors for opened in opened_pages if opened.errors] == []
    assert [opened.requests for opened in opened_pages if opened.requests] == []


@pytest.fixture
def keep_screenshot() -> Callable[[OpenedPage, str], None]:
    """Keep a picture of the whole page in build/screenshots/."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def keep(opened: OpenedPage, name: str, *, whole: bool = True) -> None:
        opened.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)

    return keep
