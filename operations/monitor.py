"""`scones monitor`: run the deployed monitor now, by hand, and show what it says."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from botocore.exceptions import ClientError
from rich.console import Console

from operations.aws.deployment import Deployment, StageOption, find_deployment, tell_deployment
from operations.aws.errors import error_code
from operations.operation_error import OperationError
from operations.reporting.monitor_function import lambda_client, monitor_function, no_monitor

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

EPILOG = """
[bold]Examples[/bold]

Count what was captured since the last run, and write the page anew:
  [cyan]scones monitor[/cyan]

Only what it says, for a program:
  [cyan]scones monitor --json[/cyan]

[bold]Exit code[/bold]

0: it ran to its end, whatever it found. 1: it failed, and the reason is told. 2: not possible as asked.
"""


def monitor_command(
    stage: StageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print its answer as JSON.")] = False,
) -> None:
    """Run the stage's monitor now, as its schedule does, and wait for its end.

    It counts the captured requests that are new, sends the metrics that the alarms watch, and writes page and
    numbers below reports/ of the data bucket. A run by hand beside the scheduled ones counts nothing twice.
    """
    deployment = find_deployment(stage)
    tell_deployment(deployment)
    console = Console(stderr=True)
    started = time.monotonic()
    with console.status("the monitor runs"):
        answer, failure = invoke_monitor(lambda_client(), deployment)
    if failure:
        typer.secho(f"The monitor failed: {failure}", fg="red", err=True)
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
        return
    shown = [*rows(answer), ("time", f"{time.monotonic() - started:.1f} s")]
    width = max(len(name) for name, _ in shown)
    for name, value in shown:
        typer.echo(f"{name:<{width}}  {value}")


def invoke_monitor(functions: LambdaClient, deployment: Deployment) -> tuple[dict[str, Any], str]:
    """What the monitor answers; or nothing, and why it failed. Raises OperationError where there is none."""
    name = monitor_function(deployment)
    try:
        said = functions.invoke(FunctionName=name, Payload=b"{}")
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            raise no_monitor(deployment) from error
        if error_code(error) == "TooManyRequestsException":
            raise OperationError(
                f"{name} runs already, by its schedule or by hand: wait for its end."
            ) from error
        raise
    answer = _answer(said["Payload"].read())
    if "FunctionError" not in said:
        return answer, ""
    log = f"Its log: aws logs tail /aws/lambda/{name}"
    message = answer.get("errorMessage") or answer
    return {}, f"{answer.get('errorType') or said['FunctionError']}: {message}. {log}"


def rows(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Its answer for people: names without underscores, numbers with commas, what is nested by its parts."""
    shown: list[tuple[str, str]] = []
    for name, value in answer.items():
        words = name.replace("_", " ")
        if isinstance(value, dict):
            shown += [(f"{words}, {inner}", text) for inner, text in rows(value)]
        elif isinstance(value, list):
            shown += [(words, _text(one)) for one in value]
        else:
            shown.append((words, _text(value)))
    return shown


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "unknown"}[value]
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _answer(payload: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(payload)
    except ValueError:
        return {"errorMessage": payload.decode("utf-8", "replace")}
    return answer if isinstance(answer, dict) else {}
