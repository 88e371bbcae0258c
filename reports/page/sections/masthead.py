"""The head of the page: what this is a report of, and where else to look."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.artifact.digest import short_digest
from reports.document import Captured, HeldOut, Numbers, Verification, Window
from reports.page.elements import time_tag
from reports.page.links import web_address
from reports.page.markup import Markup, element, join
from reports.page.wording import SPACE, count, counted, percent, sentence, verified_words

IN_PAGE = {"runbook": "#runbook"}
"""Where what has no address of its own is in the page."""
LINKS = {"dashboard": "Dashboard", "runbook": "Runbook"}


def masthead(numbers: Numbers) -> Markup:
    """Stage and endpoint, the window, and links."""
    return element(
        "header",
        element(
            "div",
            element("p", "Monitoring report", class_="eyebrow"),
            element("h1", subject(numbers), _stage(numbers["stage"])),
            element("p", _window(numbers["window"]), class_="window"),
        ),
        _links(numbers["links"]),
        class_="masthead",
    )


def facts(numbers: Numbers) -> Markup:
    """What the figures rest on, in small print at the end of the page."""
    captured, model = numbers["captured"], numbers["model"]
    held_out = model["held_out"]
    rows: list[tuple[str, object]] = [
        ("Where", numbers["where"]),
        ("Model", element("code", short_digest(model["digest"])) if model["digest"] else "unknown digest"),
        *([("Verified", _verified(numbers["verified"]))] if "verified" in numbers else []),
        ("Classes", count(len(model["classes"]))),
        ("Threshold", percent(model["threshold"], 2)),
        ("Held-out images", _held_out(held_out) if held_out else "not said by the model"),
        ("Capture files", _files(captured)),
        ("First to last", _span(captured)),
        ("Report made", time_tag(numbers["generated"])),
    ]
    return element(
        "footer",
        element("h2", "What this rests on"),
        element("dl", [element("div", element("dt", name), element("dd", value)) for name, value in rows]),
        element("p", "", id="zone"),
        class_="facts",
    )


def subject(numbers: Numbers) -> str:
    """What this is a report of: an endpoint, or a folder of captured data."""
    return numbers["endpoint"] or sentence(numbers["where"])


def _stage(stage: str) -> Markup | None:
    return join(" ", element("span", stage, class_="stage")) if stage else None


def _window(window: Window) -> Markup:
    return join(
        time_tag(window["start"]),
        f"{SPACE}to ",
        time_tag(window["stop"]),
        element("span", " · UTC", id="zone-name"),
    )


def _links(links: Mapping[str, str]) -> Markup:
    known = [(name, web_address(links.get(key)) or IN_PAGE.get(key)) for key, name in LINKS.items()]
    anchors = [element("a", name, href=address, class_="button") for name, address in known if address]
    return element("nav", anchors, aria_label="Elsewhere")


def _verified(verification: Verification) -> Markup:
    """When golden pictures were sent, and how many were answered as expected."""
    return join(time_tag(verification["time"]), f": {verified_words(verification)}")


def _files(captured: Captured) -> str:
    files = counted(captured["files"], "file")
    if not captured["repeated"]:
        return files
    return f"{files}; {counted(captured['repeated'], 'record')} that lay there more than once count once"


def _span(captured: Captured) -> Markup | str:
    if captured["first"] is None:
        return "no inference"
    return join(time_tag(captured["first"]), " to ", time_tag(captured["last"]))


def _held_out(held_out: HeldOut) -> str:
    return f"{counted(held_out['images'], 'image')}, {percent(held_out['accuracy'])} right"
