"""Lines of capture files that could not be read, by kind."""

from __future__ import annotations

from typing import Any

from reports.page.frame import nothing, part
from reports.page.markup import Markup, element
from reports.page.table import table
from reports.page.wording import count, counted


def unreadable_lines(captured: dict[str, Any]) -> Markup:
    """What was left out of every figure above, and why."""
    problems = captured["problems"]
    if not problems:
        content = nothing("Every captured line was read.")
        return part("Unreadable lines", content, _refused(captured), identifier="unreadable")
    rows = [
        (problem["meaning"], count(problem["count"]), element("code", problem["example"]))
        for problem in sorted(problems, key=lambda problem: -problem["count"])
    ]
    return part(
        "Unreadable lines",
        table("Unreadable lines by kind", ["What is wrong", "Lines", "For example"], rows),
        _refused(captured),
        note="These are in no figure above.",
        identifier="unreadable",
    )


def _refused(captured: dict[str, Any]) -> Markup | None:
    sentences = []
    if captured["refused"]:
        sentences.append(f"The model refused {counted(captured['refused'], 'image')}.")
    if captured["without_input"]:
        without = counted(captured["without_input"], "request was", "requests were")
        sentences.append(f"{without} captured without input.")
    return element("p", " ".join(sentences), class_="note") if sentences else None
