"""Text files that a person may have written, on whatever machine: lists, manifests, labels, CSV.

UTF-8 with or without a byte order mark, UTF-16 with one, lines that end as on Unix or on Windows. Anything
else is an error that names file, line and an encoding in which the line can be read.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

MAX_LINE_BYTES = 65_536
"""Of one line, in UTF-8: paths have a few hundred."""
MAX_LINES = 2_000_000
_CHUNK = 1 << 16
_DELIMITERS = ",;\t"


class TextProblem(ValueError):
    """A text that cannot be read; the message names file, line and the way out."""


class Line(NamedTuple):
    """A line without its end, and its number, counted from 1."""

    number: int
    text: str


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a file, blank ones too. Raises TextProblem, and OSError."""
    with path.open("rb") as file:
        yield from written_lines(iter(lambda: file.read(_CHUNK), b""), str(path))


def written_lines(chunks: Iterable[bytes], name: str) -> Iterator[Line]:
    """The lines of a text that comes in chunks; `name` is the file's, for messages."""
    for number, line in enumerate(_split(_utf8(iter(chunks), name), name), 1):
        if number > MAX_LINES:
            raise TextProblem(f"{name} has more than {MAX_LINES:,} lines. Cut it into several files.")
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise TextProblem(_not_utf8(name, number, line, error.start)) from None
        if "\0" in text:
            raise TextProblem(
                f"{name}, line {number}: it holds NUL characters: no text, or UTF-16 without a byte order "
                f"mark. Save it as UTF-8: iconv -f {_utf16_without_mark(line)} -t UTF-8."
            )
        yield Line(number, text)


def table(lines: Iterator[Line], name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV by their line, blank ones left out; separated by comma, semicolon or tab.

    The separator is the one that the first line has most of.
    """
    first = next((line for line in lines if line.text.strip()), None)
    if first is None:
        return
    delimiter = max(_DELIMITERS, key=first.text.count)
    at = [first.number]

    def texts() -> Iterator[str]:
        for line in chain([first], lines):
            at[0] = line.number
            yield line.text + "\n"

    try:
        for row in csv.reader(texts(), delimiter=delimiter, skipinitialspace=True):
            if any(field.strip() for field in row):
                yield at[0], [field.strip() for field in row]
    except csv.Error as error:
        raise TextProblem(f"{name}, line {at[0]}: it is no row of a CSV: {error}.") from None


def _utf8(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    start = b""
    while len(start) < len(codecs.BOM_UTF8) and (chunk := next(chunks, b"")):
        start += chunk
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from _recoded(chain([start], chunks), name)
    else:
        yield start.removeprefix(codecs.BOM_UTF8)
        yield from chunks


def _recoded(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    decoder, lines = codecs.getincrementaldecoder("utf-16")(), 1
    for chunk in chain(chunks, [b""]):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise TextProblem(
                f"{name}, after line {lines}: it begins as UTF-16 and goes on as none ({error.reason}). "
                "Save it as UTF-8."
            ) from None
        lines += text.count("\n")
        yield text.encode("utf-8")


def _split(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    rest, number = b"", 0
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            number += 1
            yield _bounded(line, name, number)
        _bounded(rest, name, number + 1)
    if rest:
        yield _bounded(rest, name, number + 1)


def _bounded(line: bytes, name: str, number: int) -> bytes:
    if len(line) > MAX_LINE_BYTES:
        raise TextProblem(
            f"{name}, line {number}: it is longer than {MAX_LINE_BYTES:,} bytes. Is it a text with a line "
            "for each picture?"
        )
    return line.removesuffix(b"\r")


def _not_utf8(name: str, number: int, line: bytes, at: int) -> str:
    encoding = _readable_as(line)
    return (
        f"{name}, line {number}: byte {at + 1} is not UTF-8; as {encoding} the line can be read. Save the "
        f"file as UTF-8: iconv -f {encoding} -t UTF-8."
    )


def _readable_as(line: bytes) -> str:
    """An encoding that would do; which one was meant, only its writer knows."""
    for encoding in ("cp1252", "cp932", "gb18030"):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding.upper()
    return "ISO-8859-1"


def _utf16_without_mark(line: bytes) -> str:
    return "UTF-16BE" if line[:1] == b"\0" else "UTF-16LE"
