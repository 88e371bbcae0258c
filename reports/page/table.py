"""A table that scrolls by itself where it is wider than the screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reports.page.markup import Markup, element

Row = Sequence[object]


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
