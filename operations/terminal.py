"""What verbs print. The one place where text for a terminal is made safe, whoever wrote what is in it.

Keys, causes and class names are other people's text: with an escape sequence in it a terminal would do what
they say, and with a mark for the direction of text it would show another name. Every line goes through here.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import typer
from rich.cells import cell_len
from rich.console import Console

INDENT, GAP = "  ", "  "
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control characters; marks of direction and others that cannot be seen; half a pair; other ends of lines."""


class Column(NamedTuple):
    """A column of a table. One that is `long` goes to lines of its own where the terminal is too narrow."""

    title: str
    long: bool = False
    right: bool = False


class Cell(NamedTuple):
    """Text with a colour. program: what a program gets instead, where a person is shown more."""

    text: str
    colour: str | None = None
    program: str | None = None


Row = Sequence[str | Cell]


def printable(text: object) -> str:
    """One line as a terminal may get it: what would control it, or cannot be seen, stands as an escape."""
    return "".join(
        char if char.isprintable() or unicodedata.category(char) not in _UNSAFE else _escaped(char)
        for char in str(text)
    )


def say(*lines: object, colour: str | None = None) -> None:
    """Lines of the result, on standard output."""
    for line in lines:
        _write(Cell(printable(line), colour), err=False)


def tell(*lines: object, colour: str | None = None, dim: bool = False) -> None:
    """Lines beside the result, on standard error, which no program reads."""
    for line in lines:
        _write(Cell(printable(line), colour), err=True, dim=dim)


def remark(*lines: object) -> None:
    """Lines about a list: below it for a person, and beside it where a program reads the list."""
    for line in lines:
        _write(Cell(printable(line)), err=not is_terminal())


def say_json(document: object) -> None:
    """A result for a program, in ASCII."""
    typer.echo(json.dumps(document, indent=2, allow_nan=False))


def say_table(columns: Sequence[Column], rows: Iterable[Row], title: str = "") -> None:
    """A table for a person, at the terminal's width; tab-separated lines without a heading for a program."""
    safe = [[_cell(cell) for cell in row] for row in rows]
    if not is_terminal():
        for row in safe:
            typer.echo("\t".join(cell.program or cell.text for cell in row))
        return
    width = shutil.get_terminal_size().columns
    for line in ([[Cell(printable(title), "bright_black")]] if title else []) + layout(columns, safe, width):
        typer.echo("".join(_styled(cell) for cell in line), color=_colours())


def is_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout.isatty()


def progress_console() -> Console:
    """Where progress is shown."""
    return Console(stderr=True, highlight=False, markup=False)


def layout(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int) -> list[list[Cell]]:
    """Lines of a table. Nothing is cut: long columns go below their row, the last first, and are wrapped.

    Where even the short ones are too wide, each is on a line with its title.
    """
    table = [[Cell(column.title) for column in columns], *rows]
    widths = [max(cell_len(row[index].text) for row in table) for index in range(len(columns))]
    beside = list(range(len(columns)))
    for index in reversed(range(len(columns))):
        if columns[index].long and _total(widths, beside) > width:
            beside.remove(index)
    if not beside or _total(widths, beside) > width:
        return [line for row in rows for line in _record(columns, row, width)]
    below = [index for index in range(len(columns)) if index not in beside]
    return [
        line
        for row in table
        for line in (_line(columns, row, widths, beside), *_below([row[index] for index in below], width))
    ]


def _total(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[index] for index in shown) + len(GAP) * (len(shown) - 1)


def _line(
    columns: Sequence[Column], row: Sequence[Cell], widths: Sequence[int], shown: Sequence[int]
) -> list[Cell]:
    cells = []
    for index in shown:
        text, colour, _ = row[index]
        space = " " * (widths[index] - cell_len(text))
        cells.append(Cell(space + text if columns[index].right else text + space, colour))
        cells.append(Cell(GAP))
    while cells and not cells[-1].text.strip():
        cells.pop()
    return [*cells[:-1], cells[-1]._replace(text=cells[-1].text.rstrip())] if cells else []


def _below(cells: Iterable[Cell], width: int) -> list[list[Cell]]:
    return [
        [Cell(INDENT), Cell(part, cell.colour)]
        for cell in cells
        if cell.text
        for part in wrapped(cell.text, max(width - len(INDENT), 1))
    ]


def _record(columns: Sequence[Column], row: Sequence[Cell], width: int) -> list[list[Cell]]:
    """A row as lines: its first cell, and below it the others with their titles."""
    first = [[Cell(part, row[0].colour)] for part in wrapped(row[0].text, width)]
    named = [
        cell._replace(text=f"{column.title}: {cell.text}" if column.title else cell.text)
        for column, cell in zip(columns[1:], row[1:], strict=True)
        if cell.text
    ]
    return first + _below(named, width)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces where there are some."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for char in word:
            if cell_len(lines[-1] + char) > width:
                lines.append("")
            lines[-1] += char
    return lines


def _cell(cell: str | Cell) -> Cell:
    if not isinstance(cell, Cell):
        return Cell(printable(cell))
    return cell._replace(text=printable(cell.text), program=printable(cell.program or "") or None)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _styled(cell: Cell) -> str:
    return typer.style(cell.text, fg=cell.colour) if cell.colour else cell.text


def _colours() -> bool | None:
    """None: as the terminal has it."""
    return False if os.environ.get("NO_COLOR") else None


def _write(cell: Cell, *, err: bool, dim: bool = False) -> None:
    text = typer.style(cell.text, fg=cell.colour, dim=dim) if cell.colour or dim else cell.text
    typer.echo(text, err=err, color=_colours())
