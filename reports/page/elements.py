"""What sections are made of: a titled part, the frame of a chart, a table, a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reports.page.markup import Markup, element
from reports.page.wording import UNKNOWN, moment

Row = Sequence[object]


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


def empty(title: str, sentence: str, *content: object, identifier: str, wide: bool = True) -> Markup:
    """A section where there is nothing to show: its heading and why, on one line."""
    return element(
        "section",
        element("h2", title, id=f"{identifier}-title"),
        element("p", sentence),
        content,
        id=identifier,
        aria_labelledby=f"{identifier}-title",
        class_="part empty wide" if wide else "part empty",
    )


def time_tag(text: str | None, shown: str = "minute") -> Markup:
    """`shown`: how much of it the script shows (`second`, `minute`, `brief` or `hour`)."""
    if text is None:
        return element("span", UNKNOWN)
    return element("time", moment(text), datetime=text, data_shown=shown, title=text)


def table(label: str, columns: Sequence[str], rows: Iterable[Row], *, words: int = 1) -> Markup:
    """`words`: how many columns, from the left, hold text; the others hold figures, set to the right."""
    head = element(
        "tr", [element("th", name, scope="col", class_=_kind(i, words)) for i, name in enumerate(columns)]
    )
    return element(
        "div",
        element(
            "table",
            element("caption", label, class_="unseen"),
            element("thead", head),
            element("tbody", [_row(row, words) for row in rows]),
        ),
        class_="table",
        data_label=label,
    )


def folded(summary: str, content: Markup, *, identifier: str | None = None, unfolded: bool = False) -> Markup:
    """Content that is there when asked for."""
    return element("details", element("summary", summary), content, id=identifier, open=unfolded)


def _row(row: Row, words: int) -> Markup:
    first, *others = row
    return element(
        "tr",
        element("th", first, scope="row"),
        [element("td", cell, class_=_kind(i, words)) for i, cell in enumerate(others, start=1)],
    )


def _kind(column: int, words: int) -> str | None:
    return None if column < words else "figure"
