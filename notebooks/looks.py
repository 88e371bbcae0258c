"""How the notebook's plots look: as the charts of the report's page."""

from __future__ import annotations

import io

from IPython.display import Image
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

TEXT, MUTED, GRID, LINE = "#1b1f23", "#5d656e", "#eeeeea", "#e2e3df"
ATTENTION, WELL, LOW_ZONE = "#b34700", "#00705a", "#fdf3ea"
BLUE, ORANGE = "#0072b2", "#c77800"
"""Colours of reports/page/styles/colors.css: a test holds them together."""
DOTS_PER_INCH = 160
PERCENT = PercentFormatter(1.0, decimals=0)


def plain(axes: Axes) -> None:
    """As the report's charts: a light grid, no frame."""
    axes.grid(color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(LINE)
    axes.tick_params(color=LINE)


def threshold_line(axes: Axes, threshold: float) -> None:
    axes.axvline(
        threshold, color=ATTENTION, linestyle="--", linewidth=1.5, label=f"threshold {threshold:.3f}"
    )


def drawn(figure: Figure, words: str) -> Image:
    for axes in figure.axes:
        axes.title.set_fontsize(12)
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label):
            text.set_color(TEXT)
        axes.tick_params(labelcolor=MUTED, labelsize=9)
    file = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(file, format="png", dpi=DOTS_PER_INCH)
    return Image(file.getvalue(), format="png", retina=True, alt=words)
