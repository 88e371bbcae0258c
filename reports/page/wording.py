"""Numbers, shares and times as people read them, in the page and in Markdown."""

from __future__ import annotations

from typing import get_args

from contracts import words
from reports.document import Check, Outcome, Verification
from reports.times import read_moment

# A non-breaking space: a number and its unit stay on one line.
SPACE = "\N{NO-BREAK SPACE}"
UNKNOWN = "unknown"

VERDICTS = {
    "stable": "Stable",
    "drift": "Drift",
    "not_enough_data": "Not enough data",
    "no_baseline": "No baseline",
    "no_images": "No images",
}
HEADLINES = {"well": "All is well", "attention": "Needs attention", "unknown": "Not enough is known"}
STATES = {"well": "Well", "attention": "Needs attention", "unknown": "Not known"}
OUTCOMES: dict[Outcome, str] = {name: words.OUTCOMES[name] for name in get_args(Outcome)}


def state_word(check: Check) -> str:
    """How a check is, in words; what the monitor says of its figures judges nothing and is a note."""
    if check["name"] == "monitor":
        return "Note"
    return STATES.get(check["state"], STATES["unknown"])


def count(number: float | None) -> str:
    """1204 as `1,204`."""
    return UNKNOWN if number is None else f"{number:,.0f}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 image`, `1,204 images`."""
    return f"{count(number)}{SPACE}{one if number == 1 else many or one + 's'}"


def percent(share: float | None, digits: int = 1) -> str:
    """0.0512 as `5.1 %`."""
    return UNKNOWN if share is None else f"{100 * share:.{digits}f}{SPACE}%"


def decimal(number: float | None, digits: int = 3) -> str:
    """A figure with so many digits behind the point."""
    return UNKNOWN if number is None else f"{number:,.{digits}f}"


def quantity(number: float | None, unit: str) -> str:
    """A figure of any size with three or four telling digits, and its unit."""
    if number is None:
        return UNKNOWN
    size = abs(number)
    whole = size >= 1000 or size == round(size)
    digits = 0 if whole else 1 if size >= 100 else 2 if size >= 10 else 3
    return f"{number:,.{digits}f}" + (f"{SPACE}{unit}" if unit else "")


def encodable(text: str) -> str:
    """Text that has an encoding: half a letter, as a broken key may hold, becomes the sign for such."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if "\ud800" <= letter <= "\udfff" else letter for letter in text
    )


def sentence(words: str) -> str:
    """Words that begin with a capital letter."""
    return words[:1].upper() + words[1:]


def moment(text: str | None) -> str:
    """`25 Oct 2026, 02:15`, in UTC, which is said once beside it."""
    if text is None:
        return UNKNOWN
    time = read_moment(text)
    return f"{time.day} {time:%b %Y, %H:%M}"


def verified_words(verification: Verification) -> str:
    """What came of a verification."""
    golden = counted(verification["pictures"], "golden picture")
    return f"{count(verification['as_expected'])} of {golden} answered as expected"
