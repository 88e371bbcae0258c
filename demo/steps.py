"""The steps of the demo: what each does, how long it takes, and what to do when it fails."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from contracts.artifact.reader import Artifact
from contracts.outputs import CAPTURED_DATA, DATA_BUCKET, FAILURE_TOPIC, IMAGE_MACHINE
from demo import model, monitoring
from demo.executions import TEXT_KEY, Outcome, Subscriber, cases, drop, execute
from demo.loopback import client, deploy, loopback
from demo.story import Step, Story

FOLDER = Path("build/demo")
LOOK = f"The state of AWS is kept: `make up STATE={FOLDER}/aws` starts it, to look at."
STEPS = (
    Step("aws", "Start AWS on loopback", 3, "Its own log is build/demo/aws/emulator.log."),
    Step("stage", "Stage the data set", 6, "Mend what the log says."),
    Step("train", "Train a model", 45, "Mend what the log says; `make train` is this step alone."),
    Step("deploy", "Deploy every stack with the CDK command line", 40, LOOK),
    Step("upload", "Copy the data set to the data bucket", 10, LOOK),
    Step("classify", "Classify five images, an execution each, and one by uploading it", 5, LOOK),
    Step("stream", "Send a stream of new, labelled images", 20, LOOK),
    Step("report", "Watch the model: run the monitor, make the report", 4, LOOK),
    Step("stop", "Stop AWS on loopback", 3, "Stop it by hand: `make down STATE=build/demo/aws`."),
)
"""Seconds of a first run on two cores; later runs take those of the one before."""
VERDICTS = {"well": "green", "attention": "bold red", "unknown": "yellow"}


def class_names(classes: Sequence[str]) -> str:
    """All of a few, else how many."""
    if len(classes) <= 3:
        return " and ".join(classes)
    return f"{len(classes)} classes, {classes[0]} to {classes[-1]},"


class Demo:
    """The steps, one after the other, each on what those before it made."""

    def __init__(self, dataset: str, recipe: Sequence[str], story: Story) -> None:
        self.dataset, self.recipe, self.story = dataset, recipe, story
        self.folder = Path("build/dataset") / dataset
        self.artifact_path = FOLDER / "model" / "model.tar.gz"
        self.environment: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        self.summary: dict[str, Any] = {"dataset": dataset, "recipe": list(recipe)}

    def run(self) -> dict[str, Any]:
        """Returns the content of summary.json."""
        started = time.monotonic()
        self.story.begin()
        with loopback(FOLDER / "aws", self.story.log("stop")) as aws:
            with self.story.step("aws") as step:
                self.environment = aws.start(step.log)
                step.result = f"listening on {self.environment['AWS_ENDPOINT_URL']}"
            artifact = self.train()
            self.deploy()
            outcomes = self.classify(artifact)
            self.watch(sum(outcome.answered for outcome in outcomes))
            with self.story.step("stop") as step:
                aws.stop(step.log)
        seconds = round(time.monotonic() - started, 1)
        return {**self.summary, "steps": self.story.took, "seconds": seconds}

    def train(self) -> Artifact:
        """Stage the data set and make a model of it."""
        with self.story.step("stage") as step:
            manifest = model.stage(self.dataset, self.folder, step.log)
            counts = {split: sum(part.values()) for split, part in manifest["counts"].items()}
            pictures = ", ".join(f"{count:,} for {split}" for split, count in counts.items())
            step.result = f"{class_names(manifest['classes'])} in {self.folder}: {pictures}"
        with self.story.step("train") as step:
            artifact = model.train(self.folder, self.artifact_path, self.recipe, step.log)
            self.summary |= {
                "classes": artifact.classes,
                "training": model.training_summary(self.artifact_path),
            }
            step.result = model.training_sentence(self.summary["training"])
        return artifact

    def deploy(self) -> None:
        """Deploy the app with the model, and put the data set into its bucket."""
        with self.story.step("deploy") as step:
            deployed = deploy(self.environment, self.artifact_path, FOLDER / "cdk.out", step.log)
            self.outputs = deployed.outputs
            step.result = f"{', '.join(deployed.stacks)}: {deployed.resources} resources"
        self.summary["deployment"] = {"stacks": deployed.stacks, "seconds": self.story.took["deploy"]}
        with self.story.step("upload") as step:
            bucket = self.outputs[DATA_BUCKET]
            count = model.upload(self.dataset, self.folder, bucket, self.environment, step.log)
            client("s3", self.environment).put_object(
                Bucket=bucket, Key=TEXT_KEY, Body=b"This is no picture.\n"
            )
            step.result = f"{count:,} objects in s3://{bucket}"

    def classify(self, artifact: Artifact) -> list[Outcome]:
        """Five executions, one by an upload, and what a subscriber of the topic hears of those that fail."""
        with self.story.step("classify") as step:
            subscriber = Subscriber(
                client("sns", self.environment),
                client("sqs", self.environment),
                self.outputs[FAILURE_TOPIC],
            )
            outcomes = []
            for outcome in self._executions(artifact):
                outcomes.append(outcome)
                style = "green" if outcome.status == "SUCCEEDED" else "yellow"
                self.story.say(f"{outcome.case.name}: {outcome.status} after {outcome.seconds:.2f} s", style)
                for line in outcome.lines():
                    self.story.say(f"  {line}")
            errors = [outcome.error for outcome in outcomes if outcome.error]
            notifications = subscriber.receive(len(errors))
            step.log.write_text(
                "\n\n".join(f"Subject: {one.subject}\n\n{one.message}" for one in notifications)
            )
            self.story.say(
                f"a subscriber of the topic got {len(notifications)} notifications, see {step.log}:"
            )
            for notification in notifications:
                self.story.say(f"  {notification.subject}")
        self.summary["executions"] = [outcome.as_summary() for outcome in outcomes]
        self.summary["notifications"] = [one.as_summary(errors) for one in notifications]
        return outcomes

    def _executions(self, artifact: Artifact) -> Iterator[Outcome]:
        """One after the other, each when it has ended."""
        states, machine = client("stepfunctions", self.environment), self.outputs[IMAGE_MACHINE]
        sure, unsure = model.choose_pictures(artifact, self.folder)
        for case in cases(sure, unsure):
            yield execute(states, machine, case)
        s3, bucket = client("s3", self.environment), self.outputs[DATA_BUCKET]
        yield drop(s3, states, bucket, machine, sure)

    def watch(self, answered: int) -> None:
        """A stream of images, and the report on them and on the `answered` ones before."""
        s3, uri = client("s3", self.environment), self.outputs[CAPTURED_DATA]
        with self.story.step("stream") as step:
            simulated = []
            for title, one in monitoring.simulate(self.dataset, self.folder, self.environment, step.log):
                simulated.append(one)
                self.story.say(f"{title}: {one.line()}")
            expected = answered + sum(one.answered for one in simulated)
            records = monitoring.captured_records(s3, uri, expected)
            step.result = (
                f"the endpoint captured all {expected} answers, in {len(records)} records below {uri}"
            )
        with self.story.step("report") as step:
            monitored = monitoring.run_monitor(self.environment, step.log)
            self.story.say(f"the monitor counted {monitored['inferences']:,} inferences")
            page, labels = FOLDER / "report.html", FOLDER / "labels.jsonl"
            monitoring.join_labels(simulated, labels)
            numbers = monitoring.make_report(page, labels, self.environment, step.log)
            self.story.say(numbers["verdict"]["summary"], VERDICTS[numbers["verdict"]["state"]])
            for line, state in monitoring.report_lines(numbers):
                self.story.say(f"  {line}", VERDICTS.get(state, ""))
            step.result = f"open it in a browser: {page} ({page.stat().st_size / 1e6:.1f} MB)"
        self.summary |= {
            "captured_records": len(records),
            "simulations": {one.summary["name"]: one.as_summary() for one in simulated},
            "monitor": monitored,
            "report": monitoring.report_summary(numbers, page),
        }
