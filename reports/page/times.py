"""Times in the page: written in UTC; the page's script writes them anew in the reader's zone."""

from __future__ import annotations

from reports.page.markup import Markup, element
from reports.page.wording import UNKNOWN, moment


def time_tag(text: str | None, shown: str = "minute") -> Markup:
    """`shown`: how much of it the script shows (`second`, `minute`, `brief` or `hour`)."""
    if text is None:
        return element("span", UNKNOWN)
    return element("time", moment(text), datetime=text, data_shown=shown, title=text)
