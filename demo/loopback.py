"""AWS on loopback for the time of the demo, and the app deployed to it with the pinned CDK command line."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from contracts.names import LOOPBACK_STAGE
from demo.processes import CommandFailed, interruption, run

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

LOCAL = (sys.executable, "-m", "loopback_aws")
CDK = ("npx", "--no-install", "cdk")


@dataclass(frozen=True)
class Deployment:
    """Names of the stacks, how many resources they have, and all outputs of the stacks by key."""

    stacks: list[str]
    resources: int
    outputs: dict[str, str]


def _path() -> str:
    """Where the app finds this Python's packages, as in a shell that `make up` was evaluated in."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold `folder` for this demo: another one would stop its AWS. Raises CommandFailed when it is held."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "running.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandFailed(
                f"another demo runs in {folder.resolve()}. Wait for its end, or interrupt it."
            ) from None
        yield


class Loopback:
    """AWS on loopback with its state in a folder."""

    def __init__(self, state: Path) -> None:
        self._state = ("--state", str(state))
        self._begun = False

    def start(self, log: Path) -> dict[str, str]:
        """Start it with no state; the environment to use it with.

        What an earlier demo left behind, running or not, is ended and removed first.
        """
        folder = Path(self._state[1])
        if folder.exists():
            run([*LOCAL, "down", *self._state], os.environ, log)
            shutil.rmtree(folder)
        self._begun = True
        run([*LOCAL, "up", *self._state, "--port", "0"], os.environ, log)
        variables = json.loads(run([*LOCAL, "env", *self._state, "--json"], os.environ, log, capture=True))
        # A person's profile or keys must lead no command of the demo to a real account.
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        return {**own, **variables, "PATH": _path()}

    def stop(self, log: Path) -> None:
        """Stop it, once. Ctrl-C meanwhile does nothing: it takes a few seconds and leaves no process."""
        interruption.end()
        if self._begun:
            run([*LOCAL, "down", *self._state], os.environ, log)
            self._begun = False


@contextmanager
def loopback(state: Path, log: Path) -> Iterator[Loopback]:
    """To be started and stopped inside; stopped in any case, which `log` then tells."""
    aws = Loopback(state)
    try:
        try:
            yield aws
        finally:
            interruption.end()
    finally:  # of its own: a signal on the way to `end` must not pass it by
        aws.stop(log)


def client(service: str, environment: Mapping[str, str]) -> Any:
    """A client of that AWS."""
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    return session.client(service, endpoint_url=environment["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]


def deploy(environment: Mapping[str, str], artifact: Path, assembly: Path, log: Path) -> Deployment:
    """`cdk bootstrap`, then `cdk deploy --all -c stage=local` with the model at `artifact`."""
    context = ("-c", f"stage={LOOPBACK_STAGE}", "-c", f"model_artifact={artifact}", "--output", str(assembly))
    run([*CDK, "bootstrap", *context], environment, log)
    run([*CDK, "deploy", "--all", "--require-approval", "never", *context], environment, log)
    return _deployed(client("cloudformation", environment))


def _deployed(cloudformation: CloudFormationClient) -> Deployment:
    stacks = [s for s in cloudformation.describe_stacks()["Stacks"] if s["StackName"] != "CDKToolkit"]
    names = sorted(stack["StackName"] for stack in stacks)
    pages = (
        page
        for name in names
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    )
    return Deployment(
        stacks=names,
        resources=sum(len(page["StackResourceSummaries"]) for page in pages),
        outputs={
            output["OutputKey"]: output["OutputValue"]
            for stack in stacks
            for output in stack.get("Outputs", [])
        },
    )
