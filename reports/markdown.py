"""The numbers as Markdown, for a pull request: times in UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reports.document import (
    Accuracy,
    Check,
    ClassRow,
    Drift,
    Executions,
    Interval,
    Numbers,
    Problem,
    Verification,
)
from reports.figures.check_words import unmatched_labels
from reports.page.sections.masthead import subject
from reports.page.shown_classes import with_shown_classes
from reports.page.wording import (
    HEADLINES,
    OUTCOMES,
    SPACE,
    UNKNOWN,
    VERDICTS,
    count,
    counted,
    decimal,
    encodable,
    moment,
    percent,
    quantity,
    sentence,
    state_word,
    verified_words,
)

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What commands a terminal, or turns the direction of writing around."""


def render_markdown(numbers: Numbers) -> str:
    """Verdict, checks, classes, drift, accuracy, executions; what there is nothing of is left out."""
    numbers = with_shown_classes(numbers)
    parts = [
        _head(numbers),
        _checks(numbers["verdict"]["checks"]),
        _classes(numbers["classes"]),
        _drift(numbers["drift"]),
        _accuracy(numbers["accuracy"]),
        _executions(numbers["executions"]),
        _unreadable(numbers["captured"]["problems"]),
        _verified(numbers["verified"]) if "verified" in numbers else None,
        f"{text(numbers['where'])}, report of {moment(numbers['generated'])}.",
    ]
    # A plain space: whoever searches the text for "5.1 %" finds it.
    return "\n\n".join(part for part in parts if part).replace(SPACE, " ") + "\n"


def text(value: str) -> str:
    """Any text as Markdown that shows it: nothing in it formats, links, mentions or ends a table's cell."""
    line = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", " ".join(encodable(value).split()))
    escaped = re.sub(r"([\\`*_{}\[\]<>|#~$])", r"\\\1", line.replace("&", "&amp;"))
    # Neither a person nor an address may be called by what an image's key holds.
    return escaped.replace("@", "@\u200b").replace("://", "&#58;//")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """A table; `words` columns from the left hold text, the others figures. Cells are Markdown already."""
    rule = ["---" if index < words else "---:" for index in range(len(columns))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (columns, rule, *rows))


def _head(numbers: Numbers) -> str:
    verdict, window = numbers["verdict"], numbers["window"]
    return (
        f"## {text(subject(numbers))}: {HEADLINES.get(verdict['state'], HEADLINES['unknown'])}\n\n"
        f"{text(verdict['summary'])}\n\n"
        f"{moment(window['start'])} to {moment(window['stop'])} UTC, "
        f"{counted(numbers['captured']['inferences'], 'inference')}, "
        f"threshold {percent(numbers['model']['threshold'], 2)}"
    )


def _checks(checks: list[Check]) -> str:
    rows = [
        (
            text(check["label"]),
            state_word(check),
            text(check["value"]),
            text(check["limit"]),
            text(check["advice"]),
        )
        for check in checks
    ]
    return table(["Check", "State", "Value", "Limit", "What to do"], rows, words=5)


def _classes(classes: list[ClassRow]) -> str | None:
    rows = [
        (
            text(row["name"]),
            count(row["inferences"]),
            percent(row["share"]),
            percent(row["baseline_share"]),
            percent(row["mean_confidence"]),
            count(row["low_confidence"]),
        )
        for row in sorted(classes, key=lambda row: -row["inferences"])
        if row["inferences"]
    ]
    columns = ["Class", "Inferences", "Share", "Held-out share", "Mean confidence", "Low confidence"]
    return "### Classes\n\n" + table(columns, rows) if rows else None


def _drift(drift: Drift) -> str | None:
    rows = [
        (
            text(measure["label"]),
            VERDICTS.get(measure["verdict"], text(measure["verdict"])),
            decimal(measure["psi"]),
            UNKNOWN if measure["critical"] is None else f"up to {decimal(measure['critical'], 2)}",
            count(measure["samples"]),
            quantity(measure["mean"], text(measure["unit"])),
            quantity(measure["baseline_mean"], text(measure["unit"])),
        )
        for measure in drift["measures"]
    ]
    if not rows:
        return None
    columns = ["Measure", "Verdict", "PSI", "By chance", "Samples", "Mean", "Held-out mean"]
    limit = f"limit {decimal(drift['limit'], 2)}, judged from {count(drift['minimum'])} samples on"
    return f"### Drift ({limit})\n\n" + table(columns, rows, words=2)


def _accuracy(accuracy: Accuracy) -> str | None:
    estimate, labelled = accuracy["estimate"], accuracy["labelled"]
    lines = []
    if estimate:
        lines.append(
            _measured("Estimated without labels", estimate, counted(estimate["inferences"], "inference"))
        )
    if withdrawn := accuracy["withdrawn"]:
        lines.append(f"- {text(withdrawn)}")
    if labelled:
        lines.append(_measured("By labels", labelled, counted(labelled["images"], "labelled image")))
    if unmatched := unmatched_labels(accuracy):
        lines.append(f"- {unmatched}")
    return "### Accuracy\n\n" + "\n".join(lines) if lines else None


def _measured(name: str, measured: Interval, rests_on: str) -> str:
    interval = f"95 % interval {percent(measured['low'])} to {percent(measured['high'])}"
    return f"- {name}: {percent(measured['value'])} ({interval}, {rests_on})"


def _executions(executions: Executions | None) -> str | None:
    if not executions or not executions["listed"]:
        return None
    outcomes = executions["outcomes"]
    total = sum(outcomes.values())
    rows = [
        (name, count(outcomes[key]), percent(outcomes[key] / total))
        for key, name in OUTCOMES.items()
        if outcomes.get(key)
    ]
    parts = ["### Executions", table(["Outcome", "Executions", "Share"], rows)]
    if errors := executions["errors"]:
        named = [(text(error["error"]), count(error["count"])) for error in errors]
        parts.append(table(["Error", "Executions"], named))
    return "\n\n".join(parts)


def _unreadable(problems: list[Problem]) -> str | None:
    rows = [
        (text(sentence(problem["meaning"])), text(problem["example"]), count(problem["count"]))
        for problem in problems
    ]
    columns = ["What is wrong", "For example", "Times"]
    return "### Unreadable data\n\n" + table(columns, rows, words=2) if rows else None


def _verified(verification: Verification) -> str:
    return f"Verified {moment(verification['time'])} UTC: {verified_words(verification)}."
