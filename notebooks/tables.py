"""What the notebook shows that is not drawn: tables, captured pictures, and the report's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from IPython.display import HTML

from operations.terminal import Cell, Column, Row, printable
from reports.document import InferenceRecord, Numbers
from reports.page import render_page
from reports.page.data import picture
from reports.page.markup import Markup, element

COLOURS = {"green": "#00705a", "yellow": "#8a5a00", "red": "#b34700", "cyan": "#00599c"}
"""Of the terminal, as the report's page has them."""
LEFT = "text-align:left"


def table(columns: Sequence[Column], rows: Iterable[Row]) -> HTML:
    """What a verb prints as a table."""
    head = element("tr", *(element("th", column.title, style=LEFT) for column in columns))
    body = [element("tr", *(_cell(cell) for cell in row)) for row in rows]
    return HTML(str(element("table", element("thead", head), element("tbody", *body))))


def captured(records: Sequence[InferenceRecord], most: int = 12) -> HTML:
    """Captured inferences, the newest first: picture, answer, and the true class where it is known."""
    columns = ("picture", "time (UTC)", "class", "confidence", "true class", "image")
    head = element("tr", *(element("th", title, style=LEFT) for title in columns))
    body = [element("tr", *_record(record)) for record in list(reversed(records))[:most]]
    return HTML(str(element("table", element("thead", head), element("tbody", *body))))


def page(numbers: Numbers, *, console: bool, height: int = 900) -> HTML:
    """The report's page in a frame of so many pixels: it may run its own scripts, and reach nothing else."""
    content = render_page(numbers, console=console)
    style = f"width:100%;height:{height}px;border:1px solid #e2e3df;border-radius:8px"
    frame = element(
        "iframe", srcdoc=content, sandbox="allow-scripts allow-popups", title="report", style=style
    )
    return HTML(str(element("div", frame)))


def _cell(cell: str | Cell) -> Markup:
    text, colour = (cell.text, cell.colour) if isinstance(cell, Cell) else (cell, None)
    return element(
        "td", printable(text), style=LEFT + (f";color:{COLOURS[colour]}" if colour in COLOURS else "")
    )


def _record(record: InferenceRecord) -> list[Markup]:
    shown = picture(record)
    image = element("img", src=shown, alt="", style="height:48px;image-rendering:pixelated") if shown else ""
    low = " (below the threshold)" if record["low"] else ""
    cells = (
        f"{record['time']:.19}".replace("T", " "),
        record["class"],
        f"{record['confidence']:.4f}{low}",
        record.get("true_class", ""),
        record["s3_key"] or "",
    )
    return [element("td", image), *(element("td", printable(cell), style=LEFT) for cell in cells)]
