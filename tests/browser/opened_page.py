"""A report page in the browser, with all that went wrong while it was open."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, Request, Route


@dataclass
class OpenedPage:
    """The page, its requests beside that of the file itself, and its errors."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def chart(self, name: str) -> Locator:
        return self.page.locator(f'[data-chart="{name}"]')

    def points(self, name: str) -> Locator:
        """What the keyboard walks and the pointer finds."""
        return self.chart(name).locator(".point")

    def wait_until(self, condition: str) -> None:
        """Until a condition in JavaScript holds; an error after 600 frames, some ten seconds.

        Playwright's own way evaluates text in the page, which the page forbids.
        """
        self.page.evaluate(
            "new Promise((done, fail) => { let frames = 0; const look = () => "
            f"({condition}) ? done() : ++frames > 600 ? fail('in vain') : requestAnimationFrame(look); "
            "look(); })"
        )

    @property
    def card(self) -> Locator:
        return self.page.locator("#card")


def open_page(context: BrowserContext, file: Path) -> OpenedPage:
    """Open a file; nothing but the file may be loaded, whatever else is asked for is noted and refused."""
    opened = OpenedPage(context.new_page())
    address = file.as_uri()

    def only_the_file(route: Route) -> None:
        if route.request.url == address:
            route.continue_()
        else:
            route.abort()

    def note_request(request: Request) -> None:
        # A data address is part of the page.
        if request.url != address and not request.url.startswith("data:"):
            opened.requests.append(request.url)

    def note_message(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            opened.errors.append(message.text)

    def note_error(error: Error) -> None:
        opened.errors.append(str(error))

    context.route("**/*", only_the_file)
    opened.page.on("request", note_request)
    opened.page.on("console", note_message)
    opened.page.on("pageerror", note_error)
    opened.page.goto(address)
    return opened
