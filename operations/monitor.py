"""`scones monitor`: run the deployed monitor now, by hand, and show what it says."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from operations.aws.clients import s3_client
from operations.aws.deployment import StageOption, find_deployment, print_deployment
from operations.reporting.monitor_function import invoke_monitor, lambda_client
from operations.reporting.output import fetch_page, print_page
from operations.terminal import progress_console, say, say_json, tell

EPILOG = """
Examples:
Count what was captured since the last run, and write the page anew:
  scones monitor

And look at the page, which is fetched to build/reports:
  scones monitor --open

Only what it says, for a program:
  scones monitor --json

Exit code:
0: it ran to its end, whatever it found. 1: it failed, and the reason is told. 2: not possible as asked.
"""


def monitor_command(
    stage: StageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print its answer as JSON.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Fetch the page and open it in a browser.")] = False,
) -> None:
    """Run the stage's monitor now, as its schedule does, and wait for its end.

    It counts the captured requests that are new, sends the metrics that the alarms watch, and writes page and
    numbers below reports/ of the data bucket. A run by hand beside the scheduled ones counts nothing twice.
    """
    deployment = find_deployment(stage)
    print_deployment(deployment)
    started = time.monotonic()
    with progress_console().status("the monitor runs"):
        answer, failure = invoke_monitor(lambda_client(), deployment)
    if failure:
        tell(f"The monitor failed: {failure}", colour="red")
        raise typer.Exit(1)
    if as_json:
        say_json(answer)
    else:
        _print_answer(answer, time.monotonic() - started)
    if open_:
        page = fetch_page(s3_client(), answer.get("report"), deployment.stage)
        print_page(page, open_=True, quiet=as_json)


def _print_answer(answer: dict[str, Any], seconds: float) -> None:
    lines = [*rows(answer), ("time", f"{seconds:.1f} s")]
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        say(f"{name:<{width}}  {value}")


def rows(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Its answer for people: names without underscores, numbers with commas, what is nested by its parts."""
    lines: list[tuple[str, str]] = []
    for name, value in answer.items():
        words = name.replace("_", " ")
        if isinstance(value, dict):
            lines += [(f"{words}, {inner}", text) for inner, text in rows(value)]
        elif isinstance(value, list):
            lines += [(words, _text(one)) for one in value]
        else:
            lines.append((words, _text(value)))
    return lines


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "unknown"}[value]
    return f"{value:,}" if isinstance(value, int | float) else str(value)
