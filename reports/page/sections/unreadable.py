"""What was wrong with captured records, by kind."""

from __future__ import annotations

from contracts.words import UNREADABLE
from reports.document import Captured
from reports.page.elements import empty, part, table
from reports.page.markup import Markup, element
from reports.page.wording import count, counted, sentence


def unreadable_data(captured: Captured) -> Markup:
    """What the figures above leave out, and why."""
    problems = sorted(captured["problems"], key=lambda problem: -problem["count"])
    if not problems:
        why = "Everything that was captured could be read."
        return empty(UNREADABLE, why, _refused(captured), identifier="unreadable")
    rows = [
        (sentence(problem["meaning"]), element("code", problem["example"]), count(problem["count"]))
        for problem in problems
    ]
    return part(
        UNREADABLE,
        table("Unreadable data by kind", ["What is wrong", "For example", "Times"], rows, words=2),
        _refused(captured),
        note="Answers that cannot be read are in no figure above.",
        identifier="unreadable",
    )


def _refused(captured: Captured) -> Markup | None:
    sentences = []
    if captured["refused"]:
        sentences.append(f"The model refused {counted(captured['refused'], 'image')}.")
    if captured["without_input"]:
        without = counted(captured["without_input"], "request was", "requests were")
        sentences.append(f"{without} captured without input.")
    return element("p", " ".join(sentences), class_="note") if sentences else None
