"""`make demo`: from nothing to a trained model behind a workflow, and a report on it, on this machine.

Everything that runs is what runs on AWS: the app, the CDK command line, the functions, the model server.
AWS itself is emulated on 127.0.0.1; emulator/README.md says where that differs.
"""

from __future__ import annotations

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while modules are loaded

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from contracts.artifact.archive import ArtifactError
from contracts.whole_files import replacing
from demo.loopback import alone
from demo.processes import CommandFailed, interruption
from demo.steps import FOLDER, STEPS, Demo
from demo.story import Step, Story
from training.manifest import DatasetError

SUMMARY = "summary.json"
ABOUT_A_MINUTE = {
    "drawn": ("--preset", "quick"),
    "cifar100": ("--preset", "quick", "--epochs", "40"),  # half as many pictures, and real ones
    # Larger pictures of ten classes; drivers who are in no training say how sure the model may be.
    "drivers": ("--preset", "quick", "--epochs", "24", "--folds", "1", "--members", "2"),
}
FULL = ("--preset", "full")
SLOWER = {FULL: 10, ABOUT_A_MINUTE["cifar100"]: 2, ABOUT_A_MINUTE["drivers"]: 2}
"""How many times as long the training takes as that of the drawn pictures in about a minute."""
INTERRUPTED = 130


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="demo",
        description="Train, deploy to AWS on loopback, classify and explain, on this machine.",
    )
    parser.add_argument(
        "--dataset",
        choices=ABOUT_A_MINUTE,
        default="drawn",
        help="drawn: pictures from a generator (default). cifar100: real ones, downloaded or "
        "from the archive that CIFAR100_ARCHIVE names. drivers: ten things that drivers do, drawn",
    )
    parser.add_argument("--full", action="store_true", help="train as `make train` does, not for a minute")
    return parser.parse_args(argv)


def expected_steps(dataset: str, recipe: Sequence[str]) -> list[Step]:
    """The steps with the seconds of the last demo, where it was of the same data set and training."""
    try:
        last = json.loads((FOLDER / SUMMARY).read_text())
        took = last["steps"] if (last["dataset"], last["recipe"]) == (dataset, list(recipe)) else {}
    except (OSError, ValueError, KeyError, TypeError):
        took = {}
    slower = SLOWER.get(tuple(recipe), 1)
    return [
        step._replace(seconds=took.get(step.name, step.seconds * (slower if step.name == "train" else 1)))
        for step in STEPS
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """0 when everything was shown, 1 when a step failed, 130 after Ctrl-C."""
    arguments = parse(argv)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    recipe = FULL if arguments.full else ABOUT_A_MINUTE[arguments.dataset]
    console = Console(highlight=False)
    story = Story(console, expected_steps(arguments.dataset, recipe), FOLDER)
    try:
        interruption.listen()
        with alone(FOLDER):
            (FOLDER / SUMMARY).unlink(missing_ok=True)  # an earlier demo's, should this one stop
            summary = Demo(arguments.dataset, recipe, story).run()
            with replacing(FOLDER / SUMMARY) as file:
                file.write((json.dumps(summary, indent=2) + "\n").encode())
    except KeyboardInterrupt:
        story.interrupted()
        return INTERRUPTED
    except (
        *(CommandFailed, ArtifactError, DatasetError, TimeoutError),
        *(BotoCoreError, ClientError, OSError),
    ) as error:
        story.failed(error)
        return 1
    show_end(console, summary)
    return 0


def show_end(console: Console, summary: dict[str, Any]) -> None:
    """The figures, and what is left to look at."""
    console.print(
        f"\n[bold]Done[/bold] in {summary['seconds']:.0f} s, of which the training used "
        f"{summary['training']['cpu_seconds']:.0f} CPU-seconds. Nothing is left running.\n"
        f"  {FOLDER}/report.html         how the model does, as a page\n"
        f"  {FOLDER}/summary.json        these figures\n"
        f"  {FOLDER}/model/model.tar.gz  the model\n"
        f"  {FOLDER}/cdk.out             the synthesized templates\n"
        f"  {FOLDER}/aws                 the state of AWS on loopback: make up STATE={FOLDER}/aws\n"
        f"  build/dataset/{summary['dataset']:<10}       the data set\n"
        'Next: README.md, "Deploy to AWS".',
        soft_wrap=True,
    )


if __name__ == "__main__":
    sys.exit(main())
