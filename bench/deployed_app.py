"""The application on a local AWS of the measurement's own, put there by the CDK command line."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from bench.local_aws import ROOT, LocalAws
from contracts.names import LOOPBACK_STAGE, RUN_STEPS, STEPS, StageNames
from contracts.outputs import DATA_BUCKET
from training.staging.drawing.picture import draw_picture

CDK = (str(ROOT / "node_modules" / ".bin" / "cdk"),)
CLASSES = ("bicycle", "motorcycle")
NAMES = StageNames(LOOPBACK_STAGE)


@dataclass(frozen=True)
class App:
    """The deployed stacks of stage `local`."""

    aws: LocalAws
    outputs: dict[str, str]

    @property
    def bucket(self) -> str:
        return self.outputs[DATA_BUCKET]

    @property
    def batch_functions(self) -> list[str]:
        """Functions of a batch, in their order."""
        return [NAMES.function(step) for step in STEPS]

    @property
    def run_functions(self) -> list[str]:
        """Functions of a run over many images."""
        return [NAMES.function(step) for step in RUN_STEPS]

    def upload(self, pictures: Sequence[bytes], prefix: str, count: int) -> list[str]:
        """Put `count` objects below `prefix`, the pictures over and over; their keys."""
        s3 = self.aws.client("s3")
        keys = [f"{prefix}{number:06d}.png" for number in range(count)]
        with ThreadPoolExecutor(4) as pool:
            for _ in pool.map(
                lambda place: s3.put_object(
                    Bucket=self.bucket, Key=place[1], Body=pictures[place[0] % len(pictures)]
                ),
                enumerate(keys),
            ):
                pass
        return keys

    def finished(self, machine: str, given: dict[str, Any], every: float) -> dict[str, Any]:
        """Start an execution, wait for it, asking every so many seconds; what is said of it then."""
        states = self.aws.client("stepfunctions")
        arn = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
        time.sleep(every)
        while (said := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            time.sleep(every)
        return dict(said)


def deploy(aws: LocalAws, artifact: Path, folder: Path, workflow: dict[str, Any] | None = None) -> App:
    """`cdk bootstrap` and `cdk deploy --all`, as a person does.

    `workflow`: settings of the stage's workflow in place of those of cdk.json.
    """
    context = (
        "-c",
        f"stage={LOOPBACK_STAGE}",
        "-c",
        f"model_artifact={artifact}",
        "--output",
        str(folder / "cdk.out"),
    )
    path = os.pathsep.join(
        (str(Path(sys.executable).parent), os.environ["PATH"])
    )  # the app's packages are there
    for verb in (("bootstrap",), ("deploy", "--all", "--require-approval", "never", "--concurrency", "3")):
        subprocess.run(
            [*CDK, *verb, *context, "--ci"],
            cwd=ROOT if workflow is None else _project(folder, workflow),
            env=os.environ | aws.environment | {"CDK_VALIDATION": "false", "PATH": path},
            check=True,
            stdout=sys.stderr,
        )
    stacks = aws.client("cloudformation").describe_stacks()["Stacks"]
    return App(aws, {o["OutputKey"]: o["OutputValue"] for stack in stacks for o in stack.get("Outputs", [])})


def _project(folder: Path, workflow: dict[str, Any]) -> Path:
    """A folder for the CDK command line, with these settings; the app is the project's."""
    project = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))
    stage = project["context"]["stages"][LOOPBACK_STAGE]
    stage["workflow"] = stage["workflow"] | workflow
    project["app"] = f"{sys.executable} {ROOT / 'app.py'}"
    del project["build"]
    (folder / "cdk.json").write_text(json.dumps(project), encoding="utf-8")
    return folder


def drawn_pictures(count: int, seed: int = 1) -> Iterator[bytes]:
    """PNGs of 32 x 32 that nothing was trained on, half of each class."""
    for number in range(count):
        file = io.BytesIO()
        pixels = draw_picture(CLASSES[number % len(CLASSES)], seed, number)
        Image.fromarray(pixels).save(file, "PNG")
        yield file.getvalue()
