"""Plots of what a small or odd model gives; the executed notebook shows the usual ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from IPython.display import Image
from matplotlib.figure import Figure

from notebooks import evaluated, looks, monitored
from reports.figures.analysis import Analysis
from reports.figures.limits import Limits
from reports.figures.numbers import make_numbers
from tests.unit.reports.samples import about, baseline, captured_lines
from training.figures.curves import coverage_curve, reliability
from training.figures.metrics import measure

STYLE = Path(__file__).resolve().parents[3] / "reports" / "page" / "styles" / "colors.css"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures as they are before they become a PNG, which takes longest."""
    figures: list[Figure] = []

    def keep(figure: Figure, words: str) -> Image:
        assert words
        figures.append(figure)
        return Image(b"\x89PNG\r\n\x1a\n", format="png")

    monkeypatch.setattr(evaluated, "drawn", keep)
    monkeypatch.setattr(monitored, "drawn", keep)
    return figures


def figures_of(probabilities: list[list[float]], labels: list[int], threshold: float = 0.9) -> dict[str, Any]:
    """As training.evaluate gives them."""
    rows, truth = np.array(probabilities, dtype=np.float32), np.array(labels)
    classes = [f"class {number}" for number in range(rows.shape[1])]
    confidence, correct = rows.max(axis=1), rows.argmax(axis=1) == truth
    return {
        **measure(rows, truth, classes, threshold),
        **{"classes": classes, "threshold": threshold, "dataset": "few", "split": "test"},
        **{"reliability": reliability(confidence, correct)},
        **{"coverage_curve": coverage_curve(confidence, correct)},
    }


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_colours_are_those_of_the_report_s_page() -> None:
    light = STYLE.read_text().partition("@media")[0]
    ours = (looks.TEXT, looks.MUTED, looks.GRID, looks.LINE, looks.ATTENTION, looks.WELL, looks.LOW_ZONE)
    names = ("text", "muted", "grid", "line", "attention", "well", "low-zone")
    for name, colour in zip((*names, "class-1", "class-2"), (*ours, looks.BLUE, looks.ORANGE), strict=True):
        assert f"--{name}: {colour};" in light, name


def test_a_single_answer_is_drawn(drawn: list[Figure]) -> None:
    """One bin, one threshold, a class of which there is no image."""
    one = figures_of([[0.6, 0.4]], [0])
    for plot in (evaluated.confusion_matrix, evaluated.reliability, evaluated.thresholds):
        plot(one)
    matrix, diagram, _ = drawn
    assert texts(matrix) == ["1", "0", "0", "0"]
    assert "calibration error 0.400" in diagram.axes[0].get_title()


def test_many_classes_have_no_counts_that_nobody_could_read(drawn: list[Figure]) -> None:
    evaluated.confusion_matrix(figures_of(np.eye(21).tolist(), list(range(21))))
    assert texts(drawn[0]) == []


def test_a_class_with_fewer_pictures_leaves_room(drawn: list[Figure]) -> None:
    pictures = np.zeros((3, 8, 16, 3), dtype=np.uint8)
    evaluated.pictures(pictures, np.array([0, 0, 2]), ["cat", "dog", "owl"])
    rows = drawn[0].axes
    assert [axes.get_ylabel() for axes in rows] == ["cat", "owl"]
    strip = np.asarray(rows[1].images[0].get_array())
    assert strip.shape == (8, 33, 3)
    assert (strip[:, 16:] == 255).all()


def test_what_was_not_captured_is_not_judged(drawn: list[Figure]) -> None:
    analysis = Analysis(baseline())
    analysis.read("few.jsonl", captured_lines(3, pictures=False))
    numbers = make_numbers(analysis, None, Limits(), about())
    monitored.captured_confidence(numbers)
    monitored.drift({**numbers, "drift": {**numbers["drift"], "measures": []}})
    monitored.drift(numbers)
    assert "3 inferences of stage dev" in drawn[0].axes[0].get_title()
    assert texts(drawn[1]) == []
    assert all("drift" not in text and "stable" not in text for text in texts(drawn[2]))


def test_a_plot_is_a_png_with_words_for_who_cannot_see_it() -> None:
    image = looks.drawn(Figure(figsize=(1, 1)), "nothing to see")
    assert image.data.startswith(b"\x89PNG")
    _, about = image._repr_mimebundle_()
    assert about["image/png"]["alt"] == "nothing to see"
