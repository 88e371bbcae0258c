"""Options that the verbs which start a run share, and the input that they become."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lambda_src.core.run.request import MAX_BATCH_SIZE

ThresholdOption = Annotated[
    float | None, typer.Option(help="Least confidence to accept.", min=0, max=1, show_default="the stage's")
]
BatchSizeOption = Annotated[
    int | None,
    typer.Option(help="Most images of a batch.", min=1, max=MAX_BATCH_SIZE, show_default="the stage's"),
]
MaxConcurrencyOption = Annotated[
    int | None,
    typer.Option(
        help="Batches at the same time, at most what the endpoint takes.", min=1, show_default="the stage's"
    ),
]
ToleratedFailuresOption = Annotated[
    float | None,
    typer.Option(
        help="Percentage of batches that may fail before the run does.",
        min=0,
        max=100,
        show_default="the stage's",
    ),
]
WaitOption = Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the run to its end.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]


def run_options(
    threshold: float | None,
    batch_size: int | None,
    max_concurrency: int | None,
    tolerated_failures: float | None,
) -> dict[str, Any]:
    """The fields of the machine's input that a person gave; the stage's settings hold for the others."""
    options = {
        "threshold": threshold,
        "batch_size": batch_size,
        "max_concurrency": max_concurrency,
        "tolerated_failure_percentage": tolerated_failures,
    }
    return {name: value for name, value in options.items() if value is not None}
