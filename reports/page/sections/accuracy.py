"""Accuracy: what the model itself expects, and what labels say."""

from __future__ import annotations

from contracts.words import ACCURACY, ESTIMATED
from reports.document import Estimate, Interval, Labelled, Numbers
from reports.figures.check_words import unmatched_labels
from reports.page.elements import empty, folded, part, table
from reports.page.markup import Markup, element
from reports.page.wording import count, counted, percent

MATRIX_CLASSES = 12
"""As many as a matrix has room for."""
MIXED_UP = 15
UNKNOWN = "another class"


def accuracy(numbers: Numbers) -> Markup:
    """The estimate with its interval, or why it is withdrawn; beside it, where labels are given, the share
    that was right."""
    estimate, labelled = numbers["accuracy"]["estimate"], numbers["accuracy"]["labelled"]
    withdrawn = numbers["accuracy"]["withdrawn"]
    unmatched = unmatched_labels(numbers["accuracy"])
    if estimate is None and labelled is None and not unmatched and not withdrawn:
        return empty(ACCURACY, "Too little is known to estimate it.", identifier="accuracy", wide=False)
    return part(
        ACCURACY,
        element("div", _estimate(estimate, withdrawn), _labelled(labelled, unmatched), class_="figures"),
        element("p", estimate["method"], class_="note") if estimate else None,
        element("p", unmatched, class_="note") if labelled and unmatched else None,
        _per_class(labelled) if labelled else None,
        _confusion(labelled, numbers["model"]["classes"]) if labelled else None,
        identifier="accuracy",
        wide=False,
    )


def _estimate(estimate: Estimate | None, withdrawn: str | None) -> Markup | None:
    if estimate is None:
        return _words(ESTIMATED, withdrawn) if withdrawn else None
    return _figure(ESTIMATED, estimate, counted(estimate["inferences"], "inference"))


def _labelled(labelled: Labelled | None, unmatched: str) -> Markup:
    if labelled is None:
        return _words("By labels", unmatched or "No labels were given; the option --labels takes them.")
    return _figure("By labels", labelled, counted(labelled["images"], "labelled image"))


def _words(title: str, why: str) -> Markup:
    """In place of a figure that is not there."""
    return element("div", element("p", title, class_="muted"), element("p", why, class_="small"))


def _figure(title: str, measured: Interval, rests_on: str) -> Markup:
    low, high = percent(measured["low"]), percent(measured["high"])
    return element(
        "div",
        element("p", title, class_="muted"),
        element("p", percent(measured["value"]), class_="value"),
        element("p", f"95 % interval {low} to {high}, {rests_on}", class_="small"),
    )


def _per_class(labelled: Labelled) -> Markup:
    rows = [
        (row["name"], count(row["images"]), percent(row["precision"]), percent(row["recall"]))
        for row in labelled["per_class"]
    ]
    content = table("Accuracy by class", ["Class", "Labelled images", "Precision", "Recall"], rows)
    return element("div", folded("By class", content))


def _confusion(labelled: Labelled, labels: list[str]) -> Markup:
    """A row a true class and a column an answer, by label; of many classes only what is mixed up most."""
    names = [row["name"] for row in labelled["per_class"]]
    content = _matrix(labelled, names, labels) if len(names) <= MATRIX_CLASSES else _mixed_up(labelled, names)
    return element("div", folded("What was taken for what", content))


def _matrix(labelled: Labelled, names: list[str], labels: list[str]) -> Markup:
    *known, (_, unknown) = zip([*names, UNKNOWN], labelled["confusion"], strict=True)
    shown = [(name, *map(_cell, cells)) for name, cells in known]
    if any(unknown):
        shown.append((UNKNOWN, *map(_cell, unknown)))
    return table("Images by true class and by answer", ["Shows", *(f"→ {label}" for label in labels)], shown)


def _cell(images: int) -> object:
    """Where there is nothing, the eye is not to stop."""
    return count(images) if images else element("span", count(images), class_="muted")


def _mixed_up(labelled: Labelled, names: list[str]) -> Markup:
    wrong = [
        (images, true, names[told])
        for place, (true, cells) in enumerate(zip([*names, UNKNOWN], labelled["confusion"], strict=True))
        for told, images in enumerate(cells)
        if images and told != place
    ]
    most = sorted(wrong, key=lambda one: -one[0])[:MIXED_UP]
    rows = [(true, told, count(images)) for images, true, told in most]
    return table("What was mixed up most", ["Shows", "Taken for", "Images"], rows, words=2)
