"""The runbook, docs/operations.md, in the page itself: it is there wherever the page is, without a network.

As much of Markdown as that file is written in: headings, paragraphs, lists, tables, code; in a line code,
emphasis and links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from reports.page.elements import folded
from reports.page.links import runbook_anchor, web_address
from reports.page.markup import Markup, element, join

# `docs` lies beside `reports` in a checkout and in the monitoring function's package.
FILE = Path(__file__).parents[3] / "docs" / "operations.md"
_HEADING = re.compile(r"(#{1,3}) (.+)")
_BEGINS = re.compile(r"#{1,3} |\*\*")
"""What begins a block without an empty line: a heading, or one of a section's questions (**Do:** ...)."""
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\[(?P<text>[^\]]+)\]\((?P<target>[^)\s]+)\)"
    r"|\*\*(?P<strong>.+?)\*\*(?!\*)|\*(?P<em>[^*]+)\*"
)
_CELLS = re.compile(r"(?<!\\)\|")


@cache
def runbook() -> Markup:
    """All of it, folded."""
    content = element("div", render(FILE.read_text(encoding="utf-8")), class_="runbook-text")
    return element(
        "section",
        element("h2", "Runbook", id="runbook-title"),
        folded("What to do about each error and each alarm", content),
        id="runbook",
        aria_labelledby="runbook-title",
        class_="part wide",
    )


def render(text: str) -> Markup:
    """Blocks of Markdown, each apart from the next by an empty line, as HTML."""
    return join(_block(lines) for lines in _blocks(text.splitlines()))


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines of each block; a fence of code holds what is empty, too."""
    block: list[str] = []
    fenced = False
    for line in lines:
        fence = line.startswith("```")
        if block and not fenced and (not line.strip() or fence or _BEGINS.match(line)):
            yield block
            block = []
        if line.strip() or fenced:
            block.append(line)
        if (fence and fenced) or (not fenced and _HEADING.match(line)):
            yield block
            block = []
        fenced ^= fence
    if block:
        yield block


def _block(lines: list[str]) -> Markup:
    first = lines[0]
    if first.startswith("```"):
        return element("pre", element("code", "\n".join(lines[1:-1])))
    if heading := _HEADING.match(first):
        # The page's own headings end with h2.
        return element(f"h{len(heading[1]) + 2}", _inline(heading[2]), id=runbook_anchor(_slug(heading[2])))
    if first.startswith("|"):
        return _table(lines)
    if first.startswith("- "):
        return _list(lines)
    return element("p", _inline(" ".join(lines)))


def _list(lines: list[str]) -> Markup:
    number = 0
    numbered: list[tuple[int, str]] = []
    for line in lines:
        number += line.startswith("- ")
        numbered.append((number, line.removeprefix("- ").strip()))
    items = [" ".join(text for _, text in group) for _, group in groupby(numbered, key=lambda one: one[0])]
    return element("ul", [element("li", _inline(item)) for item in items])


def _table(lines: list[str]) -> Markup:
    head, _, *rows = ([cell.strip() for cell in _CELLS.split(line.strip())[1:-1]] for line in lines)
    return element(
        "div",
        element(
            "table",
            element("thead", element("tr", [element("th", _inline(cell), scope="col") for cell in head])),
            element("tbody", [element("tr", [element("td", _inline(cell)) for cell in row]) for row in rows]),
        ),
        class_="table",
    )


def _inline(text: str) -> Markup:
    parts: list[object] = []
    end = 0
    for match in _INLINE.finditer(text):
        parts += [text[end : match.start()].replace("\\|", "|"), _span(match)]
        end = match.end()
    return join(parts, text[end:].replace("\\|", "|"))


def _span(match: re.Match[str]) -> Markup:
    kind = match.lastgroup
    if kind == "code":
        return element("code", match["code"].replace("\\|", "|"))
    if kind != "target":
        return element(kind or "span", _inline(match[kind or 0]))
    target, text = match["target"], _inline(match["text"])
    if target.startswith("#"):
        return element("a", text, href=f"#{runbook_anchor(target[1:])}")
    # Another file of the checkout is not beside the page.
    return element("a", text, href=target) if web_address(target) else text


def _slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
