"""Put the page together: template, style, data, libraries and scripts in one file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template

from reports.document import InferenceRecord, Numbers
from reports.page.data import SHOWN, chart_data, picture
from reports.page.embedding import content_security_policy, data_script, inline_script, read_libraries
from reports.page.links import web_address
from reports.page.markup import Markup, element, escape, join
from reports.page.sections.accuracy import accuracy
from reports.page.sections.classes import predicted_classes
from reports.page.sections.confidence import confidence_distribution
from reports.page.sections.drift import drift_table
from reports.page.sections.executions import execution_errors, executions_over_time
from reports.page.sections.gallery import gallery
from reports.page.sections.masthead import facts, masthead, subject
from reports.page.sections.recent import recent_inferences
from reports.page.sections.runbook import runbook
from reports.page.sections.unreadable import unreadable_data
from reports.page.sections.verdict import verdict
from reports.page.shown_classes import with_shown_classes

FOLDER = Path(__file__).parent

# Files in styles/ and scripts/: each holds one concept; a later one uses what an earlier one defines.
STYLES = (
    "colors.css",
    "page.css",
    "verdict.css",
    "tables.css",
    "charts.css",
    "gallery.css",
    "runbook.css",
    "print.css",
)
SCRIPTS = (
    "format.js",
    "zone.js",
    "dom.js",
    "data.js",
    "palette.js",
    "legend.js",
    "patterns.js",
    "facts.js",
    "record.js",
    "card.js",
    "walk.js",
    "chart.js",
    "axes.js",
    "time_axis.js",
    "bursts.js",
    "recent.js",
    "hours.js",
    "classes.js",
    "confidence.js",
    "scrolling.js",
    "recent_table.js",
    "main.js",
)
# Bytes of the whole page.
LARGEST = 3_000_000


def render_page(numbers: Numbers, *, console: bool) -> str:
    """One HTML file that shows the numbers document and needs nothing else.

    console: whether the executions are in an AWS account, so that its console shows them and the page links
    there; elsewhere it gives the command lines that do.

    At most 3 MB: pictures of confident inferences are left out, oldest first, where they would not fit.
    LibraryMissingError where the chart libraries are not installed.
    """
    numbers = with_shown_classes(numbers)
    records = numbers["recent"][-SHOWN:]
    bare = _render(numbers, [{**record, "picture": None} for record in records], console)
    return _render(numbers, keep_pictures(records, LARGEST - len(bare.encode())), console)


def _render(numbers: Numbers, records: list[InferenceRecord], console: bool) -> str:
    scripts = _scripts()
    template = Template((FOLDER / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        policy=content_security_policy(list(scripts)),
        title=escape(f"{subject(numbers)}: monitoring report"),
        style="\n".join(_read(f"styles/{name}") for name in STYLES),
        body=_body(numbers, records, console),
        data=data_script("numbers", chart_data(numbers, records, console=console)),
        scripts=join(inline_script(script) for script in scripts),
    )


def _body(numbers: Numbers, records: list[InferenceRecord], console: bool) -> Markup:
    executions = numbers["executions"]
    pairs = zip(numbers["recent"][-SHOWN:], records, strict=True)
    left_out = sum(picture(given) is not None and picture(kept) is None for given, kept in pairs)
    return join(
        masthead(numbers),
        element(
            "main",
            verdict(numbers),
            recent_inferences(numbers, without_picture=left_out),
            executions_over_time(executions, numbers["window"]),
            predicted_classes(numbers),
            confidence_distribution(numbers),
            drift_table(numbers),
            execution_errors(executions),
            accuracy(numbers),
            unreadable_data(numbers["captured"]),
            gallery(numbers, console=console),
            runbook() if web_address(numbers["links"].get("runbook")) is None else None,
        ),
        facts(numbers),
    )


@cache
def _scripts() -> tuple[str, str]:
    """The libraries, and the page's own script: one scope that nothing outside reaches."""
    own = "\n".join(_read(f"scripts/{name}") for name in SCRIPTS)
    libraries = f'performance.mark("report-start");\n{read_libraries()}'
    return libraries, f'(() => {{\n"use strict";\n{own}}})();\n'


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def keep_pictures(records: list[InferenceRecord], room: int) -> list[InferenceRecord]:
    """Records with the pictures that fit into so many bytes: of low confidence first, then the newest.

    `records` are ordered oldest first, and so is the answer.
    """
    kept = list(records)
    for index in sorted(range(len(records)), key=lambda i: (records[i]["low"], i), reverse=True):
        size = len(picture(records[index]) or "")
        if size <= room:
            room -= size
        else:
            kept[index] = {**records[index], "picture": None}
    return kept
