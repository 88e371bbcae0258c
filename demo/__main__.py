"""`make demo`: from nothing to a trained model behind a workflow, and a report on it, on this machine.

Everything that runs is what runs on AWS: the app, the CDK command line, the functions, the model server.
AWS itself is emulated on 127.0.0.1; emulator/README.md says where that differs.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console

from demo import deployment, model, monitoring, report, stream, summary
from demo.captured import await_answers, captured_records
from demo.examples import TEXT_KEY, cases
from demo.executions import execute
from demo.interruption import interruption
from demo.loopback import alone, loopback
from demo.processes import CommandFailed
from demo.subscriber import Subscriber
from training.artifact.writing import ArtifactError

FOLDER = Path("build/demo")
ABOUT_A_MINUTE = {
    "drawn": ("--preset", "quick"),
    "cifar100": ("--preset", "quick", "--epochs", "40"),  # half as many pictures, and real ones
}
FULL = ("--preset", "full")
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
        "from the archive that CIFAR100_ARCHIVE names",
    )
    parser.add_argument("--full", action="store_true", help="train as `make train` does, not for a minute")
    return parser.parse_args(argv)


def demonstrate(dataset: str, recipe: Sequence[str], console: Console) -> dict[str, Any]:
    """Run the steps one after the other; returns the content of summary.json."""
    started = time.monotonic()
    folder, artifact_path = Path("build/dataset") / dataset, FOLDER / "model" / "model.tar.gz"
    step = _numbered(console)
    step("Start AWS on loopback")
    with loopback(FOLDER / "aws") as environment:
        session = boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )

        def client(service: str) -> Any:
            return session.client(service, endpoint_url=environment["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]

        console.print(f"listening on {environment['AWS_ENDPOINT_URL']}")

        step(f"Stage the data set '{dataset}'")
        model.stage(dataset, folder)

        step("Train a model")
        artifact = model.train(folder, artifact_path, recipe)

        step("Deploy every stack with the CDK command line")
        deployed = deployment.deploy(client("cloudformation"), environment, artifact_path, FOLDER / "cdk.out")
        outputs = deployed.outputs

        step("Copy the data set to the data bucket")
        model.upload(dataset, folder, outputs["DataBucketName"], environment)
        client("s3").put_object(Bucket=outputs["DataBucketName"], Key=TEXT_KEY, Body=b"This is no picture.\n")

        step("Start five executions")
        subscriber = Subscriber(client("sns"), client("sqs"), outputs["FailureTopicArn"])
        to_run = cases(*model.choose_pictures(artifact, folder))
        outcomes = []
        for case in to_run:
            outcomes.append(execute(client("stepfunctions"), outputs["StateMachineArn"], case))
            report.show_outcome(console, case, outcomes[-1])

        step("Receive the notifications, as a subscriber of the topic")
        errors = [outcome.error for outcome in outcomes if outcome.error]
        notifications = subscriber.receive(len(errors))
        report.show_notifications(console, notifications)

        step("Look at what the endpoint captured")
        answered = sum(outcome.error in (None, "LowConfidence") for outcome in outcomes)
        records = captured_records(client("s3"), outputs["CapturedDataUri"], answered)
        report.show_record(console, records)

        step("Simulate a stream of new images")
        simulated = stream.simulate(dataset, folder, environment)
        report.show_stream(console, simulated)

        step("Watch the model: run the monitor, make the report")
        expected = answered + sum(one.answered for one in simulated)
        await_answers(client("s3"), outputs["CapturedDataUri"], expected)
        monitored = monitoring.run_monitor(environment)
        report.show_monitor(console, monitored)
        page, labels = FOLDER / "report.html", FOLDER / "labels.jsonl"
        stream.join_labels(simulated, labels)
        numbers = monitoring.make_report(page, labels, environment)
        report.show_report(console, numbers, page)

        step("Stop AWS on loopback")
    seconds = round(time.monotonic() - started, 1)
    return {
        "dataset": dataset,
        "classes": artifact.classes,
        "training": summary.training_summary(artifact_path),
        "deployment": {"stacks": deployed.stacks, "seconds": round(deployed.seconds, 1)},
        "executions": [outcome.as_summary() for outcome in outcomes],
        "notifications": [summary.notification_summary(each, errors) for each in notifications],
        "captured_records": len(records),
        "simulations": {one.summary["name"]: one.as_summary() for one in simulated},
        "monitor": monitored,
        "report": monitoring.report_summary(numbers, page),
        "seconds": seconds,
    }


def _numbered(console: Console) -> Callable[[str], None]:
    """Print a heading a step, with the seconds since the first."""
    started, number = time.monotonic(), 0

    def step(title: str) -> None:
        nonlocal number
        number += 1
        console.rule(f"{number}. {title}  [dim]{time.monotonic() - started:.0f} s[/dim]", align="left")

    return step


def main(argv: Sequence[str] | None = None) -> int:
    """0 when everything was shown, 1 when a step failed, 130 after Ctrl-C."""
    arguments = parse(argv)
    recipe = FULL if arguments.full else ABOUT_A_MINUTE[arguments.dataset]
    console = Console(highlight=False)
    try:
        interruption.listen()
        with alone(FOLDER):
            (FOLDER / "summary.json").unlink(missing_ok=True)  # an earlier demo's, should this one stop
            shown = demonstrate(arguments.dataset, recipe, console)
            summary.write(FOLDER / "summary.json", shown)
    except KeyboardInterrupt:
        console.print("\nInterrupted. Nothing is left running; `make demo` starts afresh.")
        return INTERRUPTED
    except (CommandFailed, ArtifactError, TimeoutError) as error:
        console.print(f"\nThe demo stopped: {error}", soft_wrap=True, markup=False)
        return 1
    report.show_end(console, shown, FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
