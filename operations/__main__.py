"""The command line `scones`: one verb, one file."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

import typer
from botocore.exceptions import BotoCoreError, ClientError

from operations.aws.errors import OperationError, explain
from operations.batch import EPILOG as BATCH_EPILOG
from operations.batch import batch_command
from operations.classify import EPILOG as CLASSIFY_EPILOG
from operations.classify import classify_command
from operations.cost import EPILOG as COST_EPILOG
from operations.cost import cost_command
from operations.executions import EPILOG as EXECUTIONS_EPILOG
from operations.executions import executions_command
from operations.monitor import EPILOG as MONITOR_EPILOG
from operations.monitor import monitor_command
from operations.replay import EPILOG as REPLAY_EPILOG
from operations.replay import replay_command
from operations.report import EPILOG as REPORT_EPILOG
from operations.report import report_command
from operations.results import EPILOG as RESULTS_EPILOG
from operations.results import results_command
from operations.simulate import EPILOG as SIMULATE_EPILOG
from operations.simulate import simulate_command
from operations.stage import EPILOG as STAGE_EPILOG
from operations.stage import stage_command
from training.staging.example import StagingError

app = typer.Typer(
    name="scones",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command("stage", epilog=STAGE_EPILOG)(stage_command)
app.command("classify", epilog=CLASSIFY_EPILOG)(classify_command)
app.command("batch", epilog=BATCH_EPILOG)(batch_command)
app.command("executions", epilog=EXECUTIONS_EPILOG)(executions_command)
app.command("results", epilog=RESULTS_EPILOG)(results_command)
app.command("replay", epilog=REPLAY_EPILOG)(replay_command)
app.command("simulate", epilog=SIMULATE_EPILOG)(simulate_command)
app.command("report", epilog=REPORT_EPILOG)(report_command)
app.command("monitor", epilog=MONITOR_EPILOG)(monitor_command)
app.command("cost", epilog=COST_EPILOG)(cost_command)


@app.callback()
def scones() -> None:
    """Stage data for an image classifier on AWS, and look after it once it runs."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run a verb. Exit code 0: done; 2: not possible as asked, the reason is on standard error."""
    signal.signal(signal.SIGTERM, _end)
    try:
        app(argv, prog_name="scones")
    except (StagingError, OperationError) as error:
        _refuse(str(error))
    except (ClientError, BotoCoreError) as error:
        _refuse(explain(error))


def _refuse(reason: str) -> NoReturn:
    typer.secho(f"Error: {reason}", fg="red", err=True)
    sys.exit(2)


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leave as after Ctrl-C, so that unfinished folders are taken away."""
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
