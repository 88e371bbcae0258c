"""Make HTML from text that is not to be trusted: every value is escaped unless it is markup already."""

from __future__ import annotations

import html
from collections.abc import Iterable

from reports.page.wording import encodable

# HTML's elements without content.
VOID = frozenset({"img", "meta", "br", "hr"})


class Markup(str):
    """HTML that was made here: it is not escaped again."""

    __slots__ = ()


def escape(text: str) -> Markup:
    """Text as it is written between tags or in a quoted attribute."""
    return text if isinstance(text, Markup) else Markup(html.escape(encodable(text), quote=True))


def join(*children: object) -> Markup:
    """Children one after the other; None and empty lists give nothing, text is escaped."""
    return Markup("".join(_flatten(children)))


def element(name: str, *children: object, **attributes: str | int | bool | None) -> Markup:
    """`<name attribute="value">children</name>`.

    Attributes: a trailing underscore is dropped (`class_`), others become hyphens; True is written without a
    value, False and None are left out.
    """
    opening = name + "".join(_attribute(*attribute) for attribute in attributes.items())
    if name in VOID:
        return Markup(f"<{opening}>")
    return Markup(f"<{opening}>{join(*children)}</{name}>")


def _attribute(name: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


def _flatten(children: Iterable[object]) -> Iterable[str]:
    for child in children:
        if isinstance(child, str):
            yield escape(child)
        elif isinstance(child, Iterable):
            yield from _flatten(child)
        elif child is not None:
            raise TypeError(f"{child!r} is neither text nor markup")
