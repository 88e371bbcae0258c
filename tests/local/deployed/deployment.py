"""The application on the local AWS, put there by the unmodified CDK CLI."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from contracts.artifact.golden import GoldenPicture
from tests.artifacts import make_artifact
from tests.local.deployed.emulator import ROOT, Emulator

COMMANDS = (str(Path(sys.executable).parent), str(ROOT / "node_modules" / ".bin"))
"""Where this Python and the CDK command line are, as `make up` puts them on a shell's path."""
UNCHECKED = f"{sys.executable} -m tests.local.deployed.unchecked_app"
RED, BLUE, GREY = (255, 0, 0), (0, 0, 255), (128, 128, 128)
"""Colours that the test's model takes for a bicycle, for a motorcycle, and cannot tell."""


@dataclass(frozen=True)
class Deployment:
    """The stacks of stage `local` on an emulator."""

    aws: Emulator
    folder: Path
    """Folder of the artifact, the assembly and the outputs."""

    def cdk(self, *arguments: str, cwd: Path = ROOT) -> str:
        """Run the CDK CLI; what it printed, both outputs together."""
        done = subprocess.run(
            ["cdk", *arguments, "--ci"],
            cwd=cwd,
            env=self.aws.environment
            | {
                "PATH": os.pathsep.join([*COMMANDS, os.environ["PATH"]]),
                "CDK_VALIDATION": "false",
                "NO_COLOR": "1",
            },
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, f"cdk {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def bootstrap(self) -> None:
        """Prepare the account, as a person does once; it needs no app."""
        self.cdk("bootstrap", "aws://000000000000/us-east-1", cwd=self.folder)

    def arguments(self, seed: int) -> tuple[str, ...]:
        """What selects the stage and an artifact of its own for each `seed`; that of a negative one does not
        start, for its card names an output that its graph has not."""
        training = {"arguments": {"seed": seed}}
        output = {"name": "probabilities" if seed >= 0 else "none"}
        path = self.folder / f"{seed}" / "model.tar.gz"
        artifact = make_artifact(path, golden=GOLDEN, training=training, output=output)
        return "-c", "stage=local", "-c", f"model_artifact={artifact}"

    def deploy(self, seed: int = 0) -> dict[str, str]:
        """Deploy all stacks with the artifact of `seed`; their outputs. test_by_hand.py deploys app.py."""
        self.cdk(
            *("deploy", "--all", *self.arguments(seed), "--app", UNCHECKED),
            *("--output", self.assembly, "--outputs-file", str(self.folder / "outputs.json")),
            *("--require-approval", "never", "--concurrency", "3"),
        )
        return self.outputs()

    @property
    def assembly(self) -> str:
        """What was deployed last."""
        return str(self.folder / "cdk.out")

    def outputs(self) -> dict[str, str]:
        """Every output of every stack by its key."""
        stacks = json.loads((self.folder / "outputs.json").read_text())
        return {key: value for outputs in stacks.values() for key, value in outputs.items()}

    def destroy(self) -> None:
        """Destroy every stack of the assembly that was deployed last."""
        self.cdk("destroy", "--all", "--force", "--app", self.assembly)

    def diff(self) -> str:
        """What the CLI says of the assembly that was deployed last, beside what is there."""
        return self.cdk("diff", "--app", self.assembly)


def picture(colour: tuple[int, int, int], size: int = 32, kind: str = "PNG", noisy: bool = False) -> bytes:
    """A picture of one colour; `noisy` makes its brightness random, and so the file large."""
    image = Image.new("RGB", (size, size), colour)
    if noisy:
        noise = Image.frombytes("L", (size, size), os.urandom(size * size))
        image = Image.merge("RGB", [noise if value else Image.new("L", (size, size)) for value in colour])
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


GOLDEN = (
    GoldenPicture("golden/00.png", picture(RED), "bicycle", (1.0, 0.0)),
    GoldenPicture("golden/01.jpg", picture((10, 20, 30), kind="JPEG"), "motorcycle", (0.041596, 0.958404)),
)
"""And what the test's model makes of two."""


def subscribe_queue(aws: Emulator, topic: str) -> str:
    """A new SQS queue that receives what is published to `topic`; its URL."""
    sqs = aws.client("sqs")
    queue: str = sqs.create_queue(QueueName=f"test-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue


def read_marked(
    aws: Emulator, topic: str, queue: str, count: int = 0, *, alarms: bool = False
) -> list[dict[str, Any]]:
    """What the queue received: at least `count` messages, then everything before a mark that is published
    last. Other messages than those counted are there too, so a message too many shows.

    Alarms are left out unless they are asked for: an incident rings when it is evaluated, in whichever test.
    """
    sqs, mark = aws.client("sqs"), ""
    received: list[dict[str, Any]] = []
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if len(received) >= count and not mark:
            mark = uuid.uuid4().hex
            aws.client("sns").publish(TopicArn=topic, Message=mark)
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in messages.get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            body = json.loads(message["Body"])
            if alarms or not is_alarm(body):
                received.append(body)
        if mark and any(message["Message"] == mark for message in received):
            return [message for message in received if message["Message"] != mark]
    raise AssertionError(f"{len(received)} messages of {count} and the mark within 60 s: {received}")


def is_alarm(message: dict[str, Any]) -> bool:
    """Whether a topic's message tells of an alarm of CloudWatch, which is an object with the alarm's name."""
    try:
        told = json.loads(message["Message"])
    except ValueError:
        return False
    return isinstance(told, dict) and "AlarmName" in told
