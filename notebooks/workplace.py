"""Where the notebook works: on AWS on loopback, started and deployed to if need be, or on AWS.

Both are reached as the verbs reach them: by the variables of this process, by operations.aws.clients.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from contracts.names import LOOPBACK_STAGE
from notebooks import ROOT
from operations.aws.clients import heed_region
from operations.aws.deployment import Deployment, find_deployment, is_loopback
from operations.aws.errors import OperationError, explain

LOOPBACK, AWS = "loopback", "aws"
URL = "AWS_ENDPOINT_URL"
OURS = ("AWS_", "CDK_")
"""What variables begin with that lead to an AWS. A person's own must lead nothing to a real account."""
SAID = 15
"""Lines of what a failed command printed."""


@dataclass
class Workplace:
    """An AWS and a stage of it. `started`: AWS on loopback was started here, and so is stopped here."""

    target: str
    stage: str | None
    started: bool = False
    _before: dict[str, str] = field(default_factory=dict, repr=False)

    def deployment(self, artifact: Path) -> Deployment:
        """The stage. On loopback one that is not there is deployed with this model, which is said."""
        try:
            return find_deployment(self.stage)
        except OperationError:
            if self.target == AWS:  # it costs money, and is for the person to say
                raise
        except (BotoCoreError, ClientError) as error:
            raise OperationError(explain(error)) from error
        stage = self.stage or LOOPBACK_STAGE
        print(f"Deploying stage {stage} with {artifact.name}: about half a minute …", flush=True)
        context = ("-c", f"stage={stage}", "-c", f"model_artifact={artifact.resolve()}")
        _cdk("bootstrap", *context)
        _cdk("deploy", "--all", "--require-approval", "never", *context)
        return find_deployment(stage)

    def close(self) -> str:
        """Stop what was started here, and nothing else; a sentence about it. The state of loopback stays."""
        if not self.started:
            return "AWS was there before this notebook, and is left as it is."
        _loopback("down")
        _become(self._before)
        self.started = False
        return "AWS on loopback is stopped; its state stays for the next time."


def open_workplace(target: str = LOOPBACK, stage: str | None = None) -> Workplace:
    """Lead this process to an AWS: `loopback`, as its variables say or started here, or `aws`.

    stage: None for the usual one there. Raises OperationError with what to do.
    """
    if target not in (LOOPBACK, AWS):
        raise OperationError(f'TARGET is {target!r}: it is "{LOOPBACK}" or "{AWS}".')
    leads_to_loopback = is_loopback(os.environ.get(URL, ""))
    if target == AWS and leads_to_loopback:
        raise OperationError(
            f'TARGET is "{AWS}", and {URL} is {os.environ[URL]}: restart the kernel; if it is the shell that '
            'leads there, let it leave first: eval "$(make leave)"'
        )
    place = Workplace(target, stage, _before=dict(os.environ))
    if target == LOOPBACK and not leads_to_loopback:
        place.started = '"ready": true' not in _loopback("status", "--json", fails=False)
        variables = json.loads(_loopback("up", "--json"))
        others = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        _become({**others, **variables})
    heed_region()
    boto3.DEFAULT_SESSION = None  # what was found in the variables before is forgotten
    return place


def _become(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


def _loopback(verb: str, *arguments: str, fails: bool = True) -> str:
    """What a verb of AWS on loopback prints, with the state that loopback.toml names."""
    return _run([sys.executable, "-m", "loopback_aws", verb, *arguments], "make setup SET=up", fails=fails)


def _cdk(verb: str, *arguments: str) -> None:
    """The pinned CDK command line, which finds this Python's packages."""
    _run(["npx", "--no-install", "cdk", verb, *arguments, "--ci"], "make setup SET=synth")


def _run(command: Sequence[str], install: str, *, fails: bool = True) -> str:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise OperationError(f"{command[0]} cannot be started ({error.strerror}): {install}") from error
    if done.returncode and fails:
        said = "\n".join((done.stdout + done.stderr).rstrip().splitlines()[-SAID:])
        words = " ".join(command[command.index("-m") + 1 :] if "-m" in command else command[2:])
        raise OperationError(f"{words} failed. What it needs is installed by: {install}. It said:\n{said}")
    return done.stdout
