"""What the demo prints for a person. Lines are left whole, so that keys and commands can be copied."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from demo.captured import shortened
from demo.executions import Case, Outcome
from demo.stream import Simulated
from demo.subscriber import Notification

VERDICTS = {"well": "green", "attention": "bold red", "unknown": "yellow"}


def show_outcome(console: Console, case: Case, outcome: Outcome) -> None:
    """One execution: its input, and its answer or why there is none."""
    mark = (
        "[green]SUCCEEDED[/green]" if outcome.status == "SUCCEEDED" else f"[yellow]{outcome.status}[/yellow]"
    )
    console.print(f"[bold]{case.name}[/bold]  {mark}  {outcome.seconds:.2f} s")
    _show(console, f"  input   {json.dumps(case.input)}")
    if outcome.error is None:
        _show(console, f"  output  {json.dumps(outcome.output)}")
    else:
        _show(console, f"  error   {outcome.error}: {_reason(outcome.cause)}")


def _show(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style), soft_wrap=True)


def _reason(cause: str | None) -> str:
    """The message in a function's error, or the cause as it is."""
    try:
        return str(json.loads(cause or "")["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause or ""


def show_notifications(console: Console, notifications: Sequence[Notification]) -> None:
    for notification in notifications:
        console.print(Text(f"Subject: {notification.subject}", style="bold"), soft_wrap=True)
        _show(console, textwrap.indent(notification.message, "  │ ", lambda _: True))


def show_record(console: Console, records: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """The first captured record, its image cut short."""
    console.print(f"{len(records)} captured records; the first:")
    for key, record in records[:1]:
        _show(console, key)
        _show(console, json.dumps(shortened(record), indent=2, ensure_ascii=False))


def show_stream(console: Console, simulated: Sequence[Simulated]) -> None:
    """What became of the simulated images, a line a simulation."""
    for one in simulated:
        counts = one.summary
        console.print(
            f"[bold]{counts['name']}[/bold]  {counts['arrived']:,} images in {counts['seconds']:.0f} s: "
            f"{counts['accepted']:,} accepted, {counts['low_confidence']:,} below the threshold, "
            f"{counts['errors']:,} errors"
        )


def show_monitor(console: Console, monitored: dict[str, Any]) -> None:
    """What the monitor answered."""
    _show(console, f"The monitor counted {monitored['inferences']:,} inferences: {monitored['report']}")


def show_report(console: Console, numbers: dict[str, Any], page: Path) -> None:
    """The verdict, its checks, and the estimated accuracy beside the real one."""
    verdict = numbers["verdict"]
    _show(console, verdict["summary"], VERDICTS[verdict["state"]])
    for check in verdict["checks"]:
        line = f"  {check['state']:<10} {check['label']}: {check['value']}; limit: {check['limit']}"
        _show(console, line, VERDICTS[check["state"]])
    for name, title in (("estimate", "estimated from confidence"), ("labelled", "by the stream's labels")):
        if accuracy := numbers["accuracy"][name]:
            console.print(
                f"Accuracy, {title}: {accuracy['value']:.1%} "
                f"({accuracy['low']:.1%} to {accuracy['high']:.1%})"
            )
    _show(console, f"Open it in a browser: {page} ({page.stat().st_size / 1e6:.1f} MB)")


def show_end(console: Console, summary: dict[str, Any], folder: Path) -> None:
    training = summary["training"]
    console.rule("Done", align="left")
    console.print(
        f"Test accuracy {training['test_accuracy']:.3f} after {training['cpu_seconds']:.0f} CPU-seconds; "
        f"at the threshold {training['threshold']:.3f} the model answers "
        f"{training['coverage_at_threshold']:.0%} of the test pictures, "
        f"{training['accuracy_at_threshold']:.1%} of them rightly."
    )
    _show(
        console,
        f"{summary['seconds']:.0f} s in all. Nothing is left running.\n"
        f"  {folder / 'report.html'}      how the model does, as a page\n"
        f"  {folder / 'summary.json'}     these figures\n"
        f"  {folder / 'model/model.tar.gz'}  the model\n"
        f"  {folder / 'cdk.out'}          the synthesized templates\n"
        f"  {folder / 'aws'}              the state of AWS on loopback: "
        f"make up STATE={folder / 'aws'}\n"
        f"  build/dataset/{summary['dataset']}     the data set\n"
        'Next: README.md, "Deploy to AWS".',
    )
