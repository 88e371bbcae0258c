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
from demo.subscriber import Notification


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


def _show(console: Console, text: str) -> None:
    console.print(Text(text), soft_wrap=True)


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
        f"  {folder / 'summary.json'}     these figures\n"
        f"  {folder / 'model/model.tar.gz'}  the model\n"
        f"  {folder / 'cdk.out'}          the synthesized templates\n"
        f"  {folder / 'aws'}              the state of AWS on loopback: "
        f"make up STATE={folder / 'aws'}\n"
        f"  build/dataset/{summary['dataset']}     the data set\n"
        'Next: README.md, "Deploy to AWS".',
    )
