"""The verbs of the command line, a file each, and what their help has in common."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import wrap
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from operations.batch import EPILOG as BATCH_EPILOG
from operations.batch import batch_command
from operations.classify import EPILOG as CLASSIFY_EPILOG
from operations.classify import classify_command
from operations.cost import EPILOG as COST_EPILOG
from operations.cost import cost_command
from operations.executions import EPILOG as EXECUTIONS_EPILOG
from operations.executions import executions_command
from operations.leftovers import EPILOG as LEFTOVERS_EPILOG
from operations.leftovers import leftovers_command
from operations.monitor import EPILOG as MONITOR_EPILOG
from operations.monitor import monitor_command
from operations.preflight import EPILOG as PREFLIGHT_EPILOG
from operations.preflight import preflight_command
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
from operations.terminal import say
from operations.verify import EPILOG as VERIFY_EPILOG
from operations.verify import verify_command

PIPE_CLOSED = 128 + 13
"""As shells tell of a program that SIGPIPE ended."""
CONTEXT = {"help_option_names": ["-h", "--help"]}
METAVARS = {
    "<int>": "N",
    "<int range>": "N",
    "<float>": "X",
    "<float range>": "X",
    "<str>": "TEXT",
    "<path>": "PATH",
}
EPILOG = """
Examples:
  scones stage                      draw pictures of bicycles and motorcycles
  scones classify bicycle.png       what is it?
  scones batch s3://BUCKET/inbox/   thousands of images by one execution
  scones report --open              how the model did in the last day

Exit codes of every verb: 0 done; 1 done, but something is wrong; 2 not possible
as asked, standard error has the reason; 130 after Ctrl-C, 143 after SIGTERM,
141 when the reader of a pipe has gone.

In a pipe a table is lines of fields with tabs between, without a heading.
NO_COLOR=1 leaves colours out.
"""


class Verbs(TyperGroup):
    """The verbs; whoever reads what they print in a pipe may go before the end."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        with _closed_pipe():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        with _closed_pipe():
            return super().invoke(ctx)

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        write_epilog(self.epilog, formatter)


class Verb(TyperCommand):
    """A verb, whose options say in a word what they take."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        for param in self.get_params(ctx):
            if isinstance(param, TyperOption) and param.metavar is None:
                param.metavar = METAVARS.get(param.display_type(ctx))
        super().format_options(ctx, formatter)

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        write_epilog(self.epilog, formatter)


def write_epilog(epilog: str | None, formatter: Any) -> None:
    """Commands as they are written, unwrapped, so that they can be copied; sentences at the width."""
    sentence: list[str] = []

    def end_sentence() -> None:
        if sentence:
            formatter.write("\n".join(wrap(" ".join(sentence), formatter.width)) + "\n")
            sentence.clear()

    for line in ("\n" + (epilog or "").strip()).split("\n"):
        if line and not line.startswith(" ") and line not in ("Examples:", "Exit code:"):
            sentence.append(line)
            continue
        end_sentence()
        formatter.write(f"{line}\n")
    end_sentence()


@contextmanager
def _closed_pipe() -> Iterator[None]:
    """End as other programs do when the reader has gone, and let no later flush complain."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(PIPE_CLOSED) from None


app = typer.Typer(
    name="scones",
    cls=Verbs,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
    epilog=EPILOG,
)
VERBS: dict[str, tuple[Callable[..., None], str, str]] = {
    "stage": (stage_command, STAGE_EPILOG, "Make a data set: of your own pictures, or drawn ones."),
    "classify": (classify_command, CLASSIFY_EPILOG, "Classify an image or a folder, an execution each."),
    "batch": (batch_command, BATCH_EPILOG, "Classify thousands of images by one execution."),
    "executions": (executions_command, EXECUTIONS_EPILOG, "List what ran lately, and how it ended."),
    "results": (results_command, RESULTS_EPILOG, "Show what came of each image of a run."),
    "replay": (replay_command, REPLAY_EPILOG, "Start again exactly what failed."),
    "simulate": (simulate_command, SIMULATE_EPILOG, "Send labelled images, and count what comes of them."),
    "report": (report_command, REPORT_EPILOG, "Show how the model performs."),
    "monitor": (monitor_command, MONITOR_EPILOG, "Run the deployed monitor now."),
    "cost": (cost_command, COST_EPILOG, "Say what a million images cost."),
    "preflight": (preflight_command, PREFLIGHT_EPILOG, "Say whether a deployment can succeed."),
    "verify": (verify_command, VERIFY_EPILOG, "Prove that a stage serves the model it should."),
    "leftovers": (leftovers_command, LEFTOVERS_EPILOG, "Say what cdk destroy leaves, and what it costs."),
}
for _name, (_command, _epilog, _words) in VERBS.items():
    app.command(_name, cls=Verb, epilog=_epilog, short_help=_words, context_settings=CONTEXT)(_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        declared = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
        say(f"scones {tomllib.loads(declared)['project']['version']}")
        raise typer.Exit


@app.callback()
def scones(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Stage data for an image classifier on AWS, and look after it once it runs."""
