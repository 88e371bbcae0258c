"""Graphs as this project's dashboard has them."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch

ROW = 24
"""Columns that a dashboard has."""


def graph(
    title: str,
    metrics: Sequence[cloudwatch.IMetric],
    *,
    unit: str,
    width: int = ROW // 3,
    limit: tuple[float, str] | None = None,
    most: float | None = None,
    stacked: bool = False,
) -> cloudwatch.GraphWidget:
    """Lines (or, `stacked`, their sum) from 0 up, to `most` if it is known; `limit`: where an alarm is, and
    what it is called."""
    return cloudwatch.GraphWidget(
        title=title,
        left=list(metrics),
        left_y_axis=cloudwatch.YAxisProps(label=unit, show_units=False, min=0, max=most),
        left_annotations=[
            cloudwatch.HorizontalAnnotation(value=limit[0], label=limit[1], color=cloudwatch.Color.RED)
        ]
        if limit
        else [],
        width=width,
        height=6,
        stacked=stacked,
    )


def heading(text: str) -> cloudwatch.TextWidget:
    """A line over a part of the dashboard, in Markdown."""
    return cloudwatch.TextWidget(markdown=f"## {text}", width=ROW, height=1)
