"""Plots of the report's numbers: what the endpoint answered, beside the images that were held out.

Each function returns a PNG that a notebook shows, with a text for who cannot see it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from IPython.display import Image
from matplotlib.figure import Figure
from numpy.typing import NDArray

from notebooks.looks import (
    ATTENTION,
    BLUE,
    LOW_ZONE,
    MUTED,
    PERCENT,
    TEXT,
    WELL,
    drawn,
    plain,
    threshold_line,
)
from reports.document import Numbers

VERDICTS = {"stable": WELL, "drift": ATTENTION}


def captured_confidence(numbers: Numbers) -> Image:
    """The confidence of what the endpoint answered beside that of the held-out images."""
    confidence, threshold = numbers["confidence"], numbers["model"]["threshold"]
    edges = np.array(confidence["edges"])
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    axes.stairs(_shares(confidence["counts"]), edges, fill=True, color=BLUE, alpha=0.75, label="captured")
    if held_out := confidence["baseline_counts"]:
        axes.stairs(_shares(held_out), edges, color=TEXT, linewidth=1.8, label="held-out images")
    plain(axes)
    threshold_line(axes, threshold)
    axes.axvspan(edges[0], threshold, color=LOW_ZONE, zorder=0)
    axes.set(xlabel="confidence", ylabel="share of images", xlim=(edges[0], edges[-1]))
    axes.xaxis.set_major_formatter(PERCENT)
    axes.yaxis.set_major_formatter(PERCENT)
    axes.legend(loc="upper left", frameon=False)
    count = numbers["captured"]["inferences"]
    axes.set_title(f"Confidence of {count:,} inferences of stage {numbers['stage']}")
    return drawn(figure, f"Histogram of the confidence of {count} captured inferences")


def drift(numbers: Numbers) -> Image:
    """How far each measure of pictures and answers has moved from the held-out images, against the limit."""
    measures = [measure for measure in reversed(numbers["drift"]["measures"]) if measure["psi"] is not None]
    limit = numbers["drift"]["limit"]
    figure = Figure(figsize=(8, 1.6 + 0.36 * max(1, len(measures))), layout="constrained")
    axes = figure.subplots()
    indices = [measure["psi"] or 0.0 for measure in measures]
    colours = [VERDICTS.get(measure["verdict"], MUTED) for measure in measures]
    axes.barh([measure["label"] for measure in measures], indices, color=colours, height=0.6)
    for place, measure in enumerate(measures):
        said = f"{indices[place]:.2f}, {measure['verdict'].replace('_', ' ')}"
        axes.annotate(
            said, (indices[place], place), (5, 0), textcoords="offset points", va="center", color=TEXT
        )
    axes.axvline(limit, color=ATTENTION, linestyle="--", linewidth=1.5, label=f"limit {limit:g}")
    plain(axes)
    axes.grid(visible=False, axis="y")
    axes.set(xlabel="population stability index", xlim=(0, 1.6 * max([limit, *indices])))
    axes.legend(loc="lower right", frameon=False)
    verdict = numbers["drift"]["verdict"].replace("_", " ")
    if not measures:
        axes.set(yticks=[])
    axes.set_title(f"Drift against the held-out images: {verdict}")
    return drawn(figure, f"Population stability index of {len(measures)} measures; drift: {verdict}")


def _shares(counts: Sequence[int]) -> NDArray[np.float64]:
    return np.array(counts) / max(1, sum(counts))
