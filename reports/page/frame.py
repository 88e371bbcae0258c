"""A titled part of the page, and the frame that a chart is drawn into."""

from __future__ import annotations

from reports.page.markup import Markup, element


def part(title: str, *content: object, note: object = None, identifier: str, wide: bool = True) -> Markup:
    """A section with its heading, a sentence that says how to read it, and content."""
    return element(
        "section",
        element("h2", title, id=f"{identifier}-title"),
        element("p", note, class_="note") if note else None,
        content,
        id=identifier,
        aria_labelledby=f"{identifier}-title",
        class_="part wide" if wide else "part",
    )


def chart(name: str) -> Markup:
    """The place of a chart; the script of this name draws it, and says so if it cannot."""
    without = "This chart is drawn by a script, which did not run. The figures are in the tables."
    return element("div", element("p", without, class_="nothing"), class_="chart", data_chart=name)


def nothing(sentence: str) -> Markup:
    """Said where there is nothing to show, and why."""
    return element("p", sentence, class_="nothing")
