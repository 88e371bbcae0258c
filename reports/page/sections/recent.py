"""Recent inferences: one point for each, and all of the window by the hour."""

from __future__ import annotations

from reports.document import HourRow, Numbers
from reports.page.data import SHOWN
from reports.page.elements import chart, empty, folded, part, table, time_tag
from reports.page.markup import Markup, element
from reports.page.periods import inferences_by_period, period_hours, period_name
from reports.page.wording import count, counted, percent


def recent_inferences(numbers: Numbers, *, without_picture: int) -> Markup:
    """`without_picture`: of how many the picture was left out for the page's size."""
    if not numbers["recent"]:
        return empty("Recent inferences", _why_none(numbers), identifier="recent")
    hours = period_hours(numbers["window"])
    period = period_name(hours)
    return part(
        "Recent inferences",
        chart("recent"),
        folded("These inferences as a table", element("div"), identifier="recent-table"),
        element("h3", f"All inferences of the window, by {period}"),
        chart("hours"),
        folded(f"By {period} as a table", _hours(inferences_by_period(numbers["hours"], hours), hours)),
        note=_note(numbers, without_picture),
        identifier="recent",
    )


def _note(numbers: Numbers, without_picture: int) -> str:
    shown, total = min(len(numbers["recent"]), SHOWN), numbers["recent_total"]
    sentences = []
    if total > shown:
        sentences.append(f"The newest {count(shown)} of {count(total)} inferences are shown.")
    sentences.append("Hover, tap or use the arrow keys to see a picture, its key and its execution.")
    if without_picture:
        left_out = counted(
            without_picture, "picture of a confident inference", "pictures of confident inferences"
        )
        sentences.append(f"To keep the page small it leaves out {left_out}.")
    return " ".join(sentences)


def _why_none(numbers: Numbers) -> str:
    if numbers["captured"]["requests"]:
        return "Requests were captured in this window, but none of them holds an answer that can be read."
    return "Nothing was captured in this window."


def _hours(rows: list[HourRow], hours: int) -> Markup:
    return table(
        f"Inferences by {period_name(hours)}",
        ["Hour" if hours == 1 else "From", "Inferences", "Low confidence", "Mean confidence"],
        [
            (
                time_tag(row["start"], "hour" if hours == 1 else "minute"),
                count(row["inferences"]),
                count(row["low_confidence"]),
                percent(row["mean_confidence"]),
            )
            for row in rows
        ],
    )
