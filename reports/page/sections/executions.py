"""How often the workflow ran, how it ended, and with which errors."""

from __future__ import annotations

from contracts.words import ERRORS_OF_EXECUTIONS, EXECUTIONS_BY_OUTCOME
from reports.document import ExecutionHour, Executions, Machine, Outcomes, Window
from reports.page.elements import chart, empty, folded, part, table, time_tag
from reports.page.markup import Markup, element
from reports.page.periods import executions_by_period, period_hours, period_name
from reports.page.wording import OUTCOMES, count, percent


def executions_over_time(executions: Executions | None, window: Window) -> Markup:
    """Outcomes by the hour, or in a long window the day, in which executions started."""
    if executions is None:
        return empty(EXECUTIONS_BY_OUTCOME, "Executions were not asked for.", identifier="executions")
    if not executions["listed"]:
        return empty(EXECUTIONS_BY_OUTCOME, "No execution started in this window.", identifier="executions")
    hours = period_hours(window)
    return part(
        EXECUTIONS_BY_OUTCOME,
        _totals(executions["outcomes"]),
        chart("executions"),
        folded("Executions as a table", _hours(executions_by_period(executions["hours"], hours), hours)),
        _machines(executions["machines"]),
        note=_note(executions, period_name(hours)),
        identifier="executions",
    )


def execution_errors(executions: Executions | None) -> Markup:
    """Errors of executions that did not succeed, most frequent first."""
    if executions is None:
        return empty(ERRORS_OF_EXECUTIONS, "Executions were not asked for.", identifier="errors", wide=False)
    errors = executions["errors"]
    if not errors:
        return empty(ERRORS_OF_EXECUTIONS, "No execution failed.", identifier="errors", wide=False)
    total = sum(error["count"] for error in errors)
    rows = [
        (
            element("code", error["error"]),
            count(error["count"]),
            percent(error["count"] / total if total else None),
        )
        for error in errors
    ]
    incomplete = "Not every failed execution was looked up." if not executions["errors_complete"] else None
    content = table("Errors of executions", ["Error", "Executions", "Share"], rows)
    return part(ERRORS_OF_EXECUTIONS, content, note=incomplete, identifier="errors", wide=False)


def _note(executions: Executions, period: str) -> str:
    note = f"By {period} in which they started."
    return (
        note if executions["complete"] else note + " Only the newest were listed: there are more than shown."
    )


def _totals(outcomes: Outcomes) -> Markup:
    total = sum(outcomes.values())
    shown = [(name, label) for name, label in OUTCOMES.items() if outcomes.get(name)]
    return element(
        "ul",
        [
            element(
                "li",
                element("span", "", class_=f"swatch {name}", aria_hidden="true"),
                element("span", label, class_="name"),
                " ",
                element("strong", count(outcomes[name])),
                " ",
                element("span", percent(outcomes[name] / total), class_="muted"),
            )
            for name, label in shown
        ],
        class_="legend",
    )


def _hours(rows: list[ExecutionHour], hours: int) -> Markup:
    shown = [name for name in OUTCOMES if any(row.get(name) for row in rows)]
    shown_time = "hour" if hours == 1 else "minute"
    return table(
        f"Executions by {period_name(hours)}",
        ["Hour" if hours == 1 else "From", *(OUTCOMES[name] for name in shown)],
        [(time_tag(row["start"], shown_time), *(count(row.get(name, 0)) for name in shown)) for row in rows],
    )


def _machines(machines: list[Machine]) -> Markup | None:
    if not machines:
        return None
    shown = [name for name in OUTCOMES if any(machine["outcomes"].get(name) for machine in machines)]
    rows = [
        (element("code", machine["name"]), *(count(machine["outcomes"].get(name, 0)) for name in shown))
        for machine in machines
    ]
    return folded(
        "By state machine",
        table("Executions by state machine", ["State machine", *(OUTCOMES[name] for name in shown)], rows),
    )
