"""Is it well? One word, one sentence, and the checks that they rest on."""

from __future__ import annotations

from reports.captured.problems import KINDS, Loss
from reports.document import Check, Figures, Outcomes, State, Verdict
from reports.figures.accuracy import check_accuracy
from reports.figures.check_words import ATTENTION, UNKNOWN, WELL, percent, plural
from reports.figures.drift import check_drift
from reports.figures.limits import Limits
from reports.figures.low_confidence import check_low_confidence
from reports.figures.unfamiliar import check_unfamiliar

UNREADABLE_SHARE = 0.01
"""Of the captured requests: more lost answers than this make the other figures doubtful."""
_ESSENTIAL = ("captured", "low_confidence", "drift")
"""Without these nothing is known of the model; without executions or labels much still is."""


def find_verdict(figures: Figures, limits: Limits) -> Verdict:
    """The part "verdict" of the figures, from all other parts."""
    checks = find_checks(figures, limits)
    state: State
    states = {check["name"]: check["state"] for check in checks}
    if ATTENTION in states.values():
        state = ATTENTION
        wanting = "; ".join(
            f"{check['label']}: {check['value']}" for check in checks if check["state"] == ATTENTION
        )
        summary = f"Needs attention. {wanting}."
    elif any(states[name] != WELL for name in _ESSENTIAL):
        state, summary = UNKNOWN, _unknown(figures, limits)
    else:
        state, summary = WELL, _well(figures, checks)
    return {"state": state, "summary": summary, "checks": checks}


def _unknown(figures: Figures, limits: Limits) -> str:
    count = figures["captured"]["inferences"]
    if not count:
        return "Nothing can be said: no inferences were captured in this time."
    if count < limits.min_inferences:
        return (
            f"Nothing can be said yet: {count:,} of the {limits.min_inferences:,} inferences that it takes."
        )
    return (
        f"{count:,} inferences were captured, but the model's artifact has no complete baseline to judge "
        "them by."
    )


def _well(figures: Figures, checks: list[Check]) -> str:
    low = percent(figures["low_confidence"]["share"])
    value = {check["name"]: check["value"] for check in checks}
    return f"All is well: {value['captured']}, {low} of them of low confidence, no drift."


def find_checks(figures: Figures, limits: Limits) -> list[Check]:
    """The part "checks" of the verdict, from all other parts of the numbers."""
    return [
        check_captured(figures, limits),
        check_executions(figures, limits),
        check_low_confidence(figures, limits),
        check_drift(figures),
        *check_unfamiliar(figures, limits),
        check_accuracy(figures),
        check_readable(figures),
    ]


def check_captured(figures: Figures, limits: Limits) -> Check:
    count = figures["captured"]["inferences"]
    answered = _outcomes(figures).get("SUCCEEDED", 0)
    state: State
    if count >= limits.min_inferences and count:
        state, advice = WELL, "Nothing to do."
    elif not count and answered:
        state = ATTENTION
        advice = (
            "Executions succeeded, yet nothing was captured. Follow the runbook's section no-captured-data."
        )
    else:
        state = UNKNOWN
        advice = (
            "Too few to judge the model. Look at a longer time, or wait; if images were classified, follow "
            "the runbook's section no-captured-data."
        )
    return {
        "name": "captured",
        "label": "Captured inferences",
        "state": state,
        "value": plural(count, "inference"),
        "limit": f"at least {limits.min_inferences:,}",
        "advice": advice,
        "section": "no-captured-data",
    }


def check_executions(figures: Figures, limits: Limits) -> Check:
    outcomes = _outcomes(figures)
    ended = sum(count for outcome, count in outcomes.items() if outcome != "RUNNING")
    succeeded = outcomes.get("SUCCEEDED", 0)
    failed_percent = 100 * (ended - succeeded) / ended if ended else 0.0
    value = f"{succeeded:,} of {ended:,} succeeded ({_floor_percent(succeeded, ended)})"
    least = 100 - limits.failed_executions_percent
    state: State = UNKNOWN
    if figures["executions"] is None:
        value, advice = "not looked at", "This report was made from captured files only."
    elif ended < max(1, limits.min_executions):
        value = f"{succeeded:,} of {plural(ended, 'execution')} succeeded" if ended else "none ended"
        advice = "Too few to judge. Nothing to do, unless more were started."
    elif failed_percent > limits.failed_executions_percent:
        state = ATTENTION
        advice = "Look at the most frequent error below, and follow the runbook's section failed-executions."
    else:
        state, advice = WELL, "Nothing to do."
    return {
        "name": "executions",
        "label": "Executions",
        "state": state,
        "value": value,
        "limit": f"at least {least:g} % of {limits.min_executions:,} or more",
        "advice": advice,
        "section": "failed-executions",
    }


def _floor_percent(part: int, of: int) -> str:
    """Rounded down, so that 100 % are all."""
    tenths = 1000 * part // of if of else 0
    return f"{tenths / 10:.1f} %"


def check_readable(figures: Figures) -> Check:
    captured = figures["captured"]
    refused = captured["refused"]
    unreadable = sum(one["count"] for one in captured["problems"] if KINDS[one["kind"]].loss is Loss.ANSWER)
    share = unreadable / max(1, captured["requests"], unreadable)
    bad = share > UNREADABLE_SHARE
    state: State = ATTENTION if bad else WELL if captured["requests"] else UNKNOWN
    value = "every captured request" if not unreadable else f"{plural(unreadable, 'answer')} not readable"
    if not captured["requests"] and not unreadable:
        value = "nothing captured"
    if refused:
        value += f", {plural(refused, 'image')} refused by the model"
    advice = "Nothing to do."
    if bad:
        advice = (
            "Look at the problems below and their examples: another model, or other software, may write to "
            "the capture's place. The runbook's section no-captured-data says where that is."
        )
    return {
        "name": "readable",
        "label": "Readable data",
        "state": state,
        "value": value,
        "limit": f"at most {percent(UNREADABLE_SHARE)} not readable",
        "advice": advice,
        "section": "no-captured-data",
    }


def _outcomes(figures: Figures) -> Outcomes:
    executions = figures["executions"]
    return executions["outcomes"] if executions else {}
