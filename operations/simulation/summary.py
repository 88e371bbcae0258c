"""The summary of a simulation: its counts as summary.json has them, and for people."""

from __future__ import annotations

from typing import Any

from operations.simulation.burst import Burst
from operations.simulation.stream import Stream
from operations.terminal import Column, Row, say, say_table


def stream_counts(stream: Stream) -> dict[str, Any]:
    """What came of a stream."""
    seconds = max(stream.seconds, 1e-9)
    return {
        "interrupted": stream.interrupted is not None,
        "seconds": round(stream.seconds, 3),
        "arrived": stream.arrived,
        "dropped": stream.dropped,
        "unfinished": stream.open,
        "images_per_second": round(stream.tally.ended / seconds, 3),
        "latest_start_seconds": round(stream.latest_start, 3),
        **stream.tally.summary(),
    }


def burst_counts(burst: Burst) -> dict[str, Any]:
    """What came of a burst, and of its run."""
    run = burst.run_ended
    seconds = run.seconds if run else None
    return {
        "interrupted": burst.interrupted is not None,
        "seconds": seconds,
        "arrived": burst.arrived,
        "dropped": 0,
        "unfinished": burst.arrived - burst.tally.ended,
        "images_per_second": round(burst.tally.ended / seconds, 3) if seconds else None,
        "run": {"status": run.status, "error": run.error, "cause": run.cause} if run else None,
        **burst.tally.summary(),
    }


def print_summary(summary: dict[str, Any]) -> None:
    """What summary.json says, as tables and sentences."""
    rows: list[Row] = []
    for what in ("arrived", "accepted", "low_confidence", "errors", "dropped", "unfinished"):
        rows.append((what.replace("_", " "), f"{summary[what]:,}"))
    for error, count in summary["errors_by_name"].items():
        rows.append((f"  {error}", f"{count:,}"))
    say_table((Column(""), Column("images", right=True)), rows, f"simulation {summary['name']}")
    if summary["confusion"]:
        _print_confusion(summary["confusion"])
    run = summary.get("run")
    if run and run["error"]:
        say(f"The run is {run['status']}: {run['error']}: {run['cause']}")
    say(*_sentences(summary))


def _print_confusion(confusion: dict[str, dict[str, int]]) -> None:
    """A row a true class, a column an answer."""
    answers = sorted({answer for counts in confusion.values() for answer in counts})
    columns = [Column(f"→ {answer.replace('_', ' ')}", right=True) for answer in answers]
    say_table(
        (Column("shows"), *columns),
        [
            (label, *(f"{confusion[label].get(answer, 0):,}" for answer in answers))
            for label in sorted(confusion)
        ],
    )


def _sentences(summary: dict[str, Any]) -> list[str]:
    lines = []
    if summary["images_per_second"] is not None:
        lines.append(f"{summary['images_per_second']:.1f} images a second over {summary['seconds']:.1f} s")
    latency = summary["latency_seconds"]
    if latency["p50"] is not None:
        values = ", ".join(f"{name} {value:.3f} s" for name, value in latency.items())
        lines.append(f"latency: {values}")
    if summary["accuracy"] is not None:
        lines.append(f"accuracy of the accepted: {summary['accuracy']:.1%}")
    if summary["interrupted"]:
        lines.append("Interrupted: the figures are of what there was until then.")
    return lines
