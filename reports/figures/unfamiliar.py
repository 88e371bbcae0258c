"""Whether more pictures than expected are unlike those learnt from, whatever the model's confidence."""

from __future__ import annotations

from contracts.words import UNFAMILIAR
from reports.document import Check, Figures, State, Unfamiliar
from reports.figures.baseline import Baseline
from reports.figures.check_words import ATTENTION, UNKNOWN, WELL, percent
from reports.figures.hours import Hour
from reports.figures.limits import Limits
from reports.figures.low_confidence import judge_low_confidence

_BELOW_LAST = 2
"""The held-out images' last quantile but one: three tenths of them are above it."""


def familiar_up_to(baseline: Baseline) -> float | None:
    """The unfamiliarity above which an image counts as unfamiliar; None where the artifact has none."""
    known = baseline.unfamiliarity
    if known is None or known.counts is None:
        return None
    return known.values[-min(_BELOW_LAST, len(known.values))]


def judge_unfamiliar(total: Hour, baseline: Baseline, limits: Limits) -> Unfamiliar | None:
    """The part "unfamiliar" of the numbers: judged as low confidence is, against the held-out images.

    None where the artifact does not say how familiar those were.
    """
    known = baseline.unfamiliarity
    if known is None or known.counts is None:
        return None
    place = 2 * (len(known.values) - min(_BELOW_LAST, len(known.values))) + 2
    held_out = sum(known.counts)
    expected = sum(known.counts[place:]) / held_out
    table = total.table("unfamiliar")
    judged = judge_low_confidence(
        table[1], table.total(), expected, round(held_out), limits.unfamiliar_margin
    )
    return {**judged, "answers": table.total()}


def is_alarming(unfamiliar: Unfamiliar | None, least: int) -> bool:
    """Whether the share is known, of at least `least` answers, and above its limit."""
    if unfamiliar is None or unfamiliar["answers"] < max(1, least):
        return False
    share, limit = unfamiliar["share"], unfamiliar["limit"]
    return share is not None and limit is not None and share > limit


def check_unfamiliar(figures: Figures, limits: Limits) -> list[Check]:
    """One check, or none where the model does not say how familiar images are."""
    found = figures["unfamiliar"]
    if found is None:
        return []
    state: State = UNKNOWN
    if is_alarming(found, limits.min_inferences):
        state = ATTENTION
        advice = (
            "Look at recent images: what is new about them? Follow the runbook's section unfamiliar-pictures."
        )
    elif found["answers"] < max(1, limits.min_inferences):
        advice = "Too few answers say how familiar their image is. Look at a longer time, or wait."
    else:
        state, advice = WELL, "Nothing to do."
    return [
        {
            "name": "unfamiliar",
            "label": UNFAMILIAR,
            "state": state,
            "value": f"{percent(found['share'])} of {found['answers']:,}" if found["answers"] else "not said",
            "limit": f"at most {percent(found['limit'])} ({percent(found['expected'])} expected)",
            "advice": advice,
            "section": "unfamiliar-pictures",
        }
    ]
