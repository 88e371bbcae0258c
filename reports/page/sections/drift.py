"""Drift, measure by measure."""

from __future__ import annotations

from contracts.words import DRIFT
from reports.document import Drift, Images, Measure, Numbers
from reports.page.elements import empty, part, table
from reports.page.markup import Markup, element
from reports.page.wording import VERDICTS, count, decimal, quantity

# How each verdict looks: as the check of the same state.
STATES = {"stable": "well", "drift": "attention"}


def drift_table(numbers: Numbers) -> Markup:
    """PSI against its limit and against chance, on how many samples, and the means behind it."""
    drift = numbers["drift"]
    if not drift["measures"]:
        return empty(DRIFT, "The model says nothing of held-out images to compare with.", identifier="drift")
    if not numbers["captured"]["inferences"]:
        return empty(DRIFT, "No inference in this window.", identifier="drift")
    rows = [_row(measure, drift["limit"]) for measure in drift["measures"]]
    columns = ["Measure", "Verdict", "PSI", "PSI and limit", "By chance"]
    columns += ["Samples", "Held-out", "Mean", "Held-out mean"]
    return part(
        DRIFT,
        table("Drift of each measure", columns, rows, words=2),
        _sampling(numbers["images"]),
        note=_note(drift),
        identifier="drift",
    )


def _note(drift: Drift) -> str:
    return (
        "The population stability index (PSI) says how far this window's distribution is from that of "
        f"held-out images. {decimal(drift['limit'], 2)} or more is drift, unless chance alone, with so "
        f"few samples, reaches as much; fewer than {count(drift['minimum'])} samples are not judged."
    )


def _row(measure: Measure, limit: float) -> tuple[object, ...]:
    name = "verdict-word " + STATES.get(measure["verdict"], "unknown")
    chance = measure["critical"]
    return (
        measure["label"],
        element("span", VERDICTS.get(measure["verdict"], measure["verdict"]), class_=name),
        _or_dash(measure["psi"], decimal(measure["psi"])),
        _meter(measure["psi"], max(limit, chance or 0), drifted=measure["verdict"] == "drift"),
        _or_dash(chance, f"up to {decimal(chance, 2)}"),
        count(measure["samples"]),
        count(measure["baseline_samples"]),
        _or_dash(measure["mean"], quantity(measure["mean"], measure["unit"])),
        _or_dash(measure["baseline_mean"], quantity(measure["baseline_mean"], measure["unit"])),
    )


def _or_dash(value: object, text: str) -> object:
    return text if value is not None else element("span", "\N{EN DASH}", class_="muted", title="unknown")


def _meter(psi: float | None, limit: float, *, drifted: bool) -> Markup | None:
    """How much of the limit is used, or of what chance reaches where that is more; it is at two thirds."""
    if psi is None or limit <= 0:
        return None
    used = min(psi / limit * 60, 90)
    return element(
        "svg",
        element("rect", class_="track", width=90, height=6, rx=3),
        element("rect", class_="used", width=f"{max(used, 2):.1f}", height=6, rx=3),
        element("path", class_="mark", d="M60 -3v12"),
        class_="meter over" if drifted else "meter",
        viewBox="0 -3 90 12",
        width=90,
        height=12,
        role="img",
        aria_label=f"{100 * psi / limit:.0f} % of the limit",
    )


def _sampling(images: Images) -> Markup | None:
    if not images["with_image"]:
        return element("p", "No image was captured, so measures of images are not judged.", class_="note")
    every = (
        "every image"
        if images["every"] == 1
        else f"every {images['every']}th image"
        if images["every"]
        else "none"
    )
    measured, captured = count(images["measured"]), count(images["with_image"])
    text = f"Measured on {every}: {measured} of {captured} that were captured."
    if images["undecodable"]:
        text += f" {count(images['undecodable'])} could not be decoded."
    return element("p", text, class_="note")
