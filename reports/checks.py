"""Each figure against its limit: value, limit and what to do next, as an operator reads them."""

from __future__ import annotations

from typing import Any

from reports.accuracy import wilson_interval
from reports.limits import Limits
from reports.problems import KINDS, Loss

Numbers = dict[str, Any]

WELL, ATTENTION, UNKNOWN = "well", "attention", "unknown"
UNREADABLE_SHARE = 0.01
"""Of the captured requests: more lost answers than this make the other figures doubtful."""
_SURE = 3.29
"""Standard deviations: 1 in 2,000 lies beyond them on one side. Two intervals apart are rarer still."""


def find_checks(numbers: Numbers, limits: Limits) -> list[Numbers]:
    """The part "checks" of the verdict, from all other parts of the numbers."""
    return [
        check_captured(numbers, limits),
        check_executions(numbers, limits),
        check_low_confidence(numbers, limits),
        check_drift(numbers),
        check_accuracy(numbers),
        check_readable(numbers),
    ]


def check_captured(numbers: Numbers, limits: Limits) -> Numbers:
    count = numbers["captured"]["inferences"]
    answered = (numbers["executions"] or {}).get("outcomes", {}).get("SUCCEEDED", 0)
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
        "value": _plural(count, "inference"),
        "limit": f"at least {limits.min_inferences:,}",
        "advice": advice,
        "section": "no-captured-data",
    }


def check_executions(numbers: Numbers, limits: Limits) -> Numbers:
    outcomes = (numbers["executions"] or {}).get("outcomes", {})
    ended = sum(count for outcome, count in outcomes.items() if outcome != "RUNNING")
    bad = ended - outcomes.get("SUCCEEDED", 0)
    percent = 100 * bad / ended if ended else 0.0
    value, state = f"{percent:.1f} % of {ended:,} did not succeed", UNKNOWN
    if numbers["executions"] is None:
        value, advice = "not looked at", "This report was made from captured files only."
    elif ended < max(1, limits.min_executions):
        value = f"{_plural(ended, 'execution')} ended, {bad:,} did not succeed"
        advice = "Too few to judge. Nothing to do, unless more were started."
    elif percent > limits.failed_executions_percent:
        state = ATTENTION
        advice = "Look at the most frequent error below, and follow the runbook's section failed-executions."
    else:
        state, advice = WELL, "Nothing to do."
    return {
        "name": "executions",
        "label": "Executions",
        "state": state,
        "value": value,
        "limit": f"at most {limits.failed_executions_percent:g} % of {limits.min_executions:,} or more",
        "advice": advice,
        "section": "failed-executions",
    }


def check_low_confidence(numbers: Numbers, limits: Limits) -> Numbers:
    low, count = numbers["low_confidence"], numbers["captured"]["inferences"]
    limit, state = low["limit"], UNKNOWN
    if limit is None:
        advice = "The model's artifact does not say what to expect. Train the model again to have a baseline."
    elif count < max(1, limits.min_inferences):
        advice = "Too few inferences to judge. Look at a longer time, or wait."
    elif low["share"] > limit:
        state = ATTENTION
        advice = (
            "Look at the least certain images: have the pictures changed? Follow the runbook's section "
            "low-confidence."
        )
    else:
        state, advice = WELL, "Nothing to do."
    return {
        "name": "low_confidence",
        "label": "Low confidence",
        "state": state,
        "value": f"{percent(low['share'])} of {count:,}" if count else "no inferences",
        "limit": f"at most {percent(limit)} ({percent(low['expected'])} expected)"
        if limit is not None
        else "unknown",
        "advice": advice,
        "section": "low-confidence",
    }


def check_drift(numbers: Numbers) -> Numbers:
    drift = numbers["drift"]
    judged = [measure for measure in drift["measures"] if measure["psi"] is not None]
    drifted = [measure["label"] for measure in judged if measure["verdict"] == "drift"]
    if drifted:
        state, value = ATTENTION, f"{', '.join(drifted)} drifted"
        advice = (
            "Compare recent images with those that the model was trained on, and follow the runbook's "
            "section drift."
        )
    elif judged:
        highest = max(judged, key=lambda measure: measure["psi"])
        state, advice = WELL, "Nothing to do."
        value = (
            f"none of {len(judged)} measures; the highest PSI is {highest['psi']:.2f} ({highest['label']})"
        )
    elif drift["verdict"] == "no_baseline":
        state, value = UNKNOWN, "no baseline"
        advice = "The model's artifact has no baseline to compare with. Train the model again to have one."
    else:
        state, value = UNKNOWN, "not enough data"
        advice = "Too few inferences to judge. Look at a longer time, or wait."
    return {
        "name": "drift",
        "label": "Drift",
        "state": state,
        "value": value,
        "limit": f"PSI below {drift['limit']:g}, or within chance",
        "advice": advice,
        "section": "drift",
    }


def check_accuracy(numbers: Numbers) -> Numbers:
    """Attention when even the upper end of what is known lies below what held-out images leave possible."""
    labelled, estimate = numbers["accuracy"]["labelled"], numbers["accuracy"]["estimate"]
    held_out = numbers["model"]["held_out"]
    enough = labelled is not None and labelled["images"] >= numbers["drift"]["minimum"]
    known = labelled if enough else estimate or labelled
    least = wilson_interval(held_out["accuracy"], held_out["images"], _SURE)[0] if held_out else None
    state, advice = UNKNOWN, "Too few inferences to judge. Look at a longer time, or wait."
    if known is not None and least is None:
        advice = "The model's artifact does not say how accurate it was on held-out images."
    elif known is not None and least is not None and (enough or estimate):
        state = ATTENTION if known["high"] < least else WELL
        advice = "Nothing to do."
        if state == ATTENTION:
            advice = (
                "The model is right less often than on held-out images. Label some recent images to be sure, "
                "and follow the runbook's section drift."
            )
    return {
        "name": "accuracy",
        "label": "Accuracy",
        "state": state,
        "value": "unknown"
        if known is None
        else _interval(known, "labelled" if known is labelled else "estimated"),
        "limit": "unknown" if least is None else f"not surely below {percent(least)}",
        "advice": advice,
        "section": "drift",
    }


def check_readable(numbers: Numbers) -> Numbers:
    captured = numbers["captured"]
    refused = captured["refused"]
    unreadable = sum(one["count"] for one in captured["problems"] if KINDS[one["kind"]].loss is Loss.ANSWER)
    share = unreadable / max(1, captured["requests"], unreadable)
    bad = share > UNREADABLE_SHARE
    state = ATTENTION if bad else WELL if captured["requests"] else UNKNOWN
    value = "every captured request" if not unreadable else f"{_plural(unreadable, 'answer')} not readable"
    if not captured["requests"] and not unreadable:
        value = "nothing captured"
    if refused:
        value += f", {_plural(refused, 'image')} refused by the model"
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


def percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share * 100:.1f} %"


def _interval(known: Numbers, how: str) -> str:
    return f"{percent(known['value'])} {how} ({known['low'] * 100:.1f} to {known['high'] * 100:.1f} %)"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
