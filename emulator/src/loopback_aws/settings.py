"""What the local AWS can be told, with meaning, unit and default in one place; `configuration` reads it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

HOST = "127.0.0.1"
ACCOUNT = "000000000000"
REGION = "us-east-1"

AfterRollback = Literal["fails", "succeeds"]


def default_lambda_concurrency() -> int:
    """Two a core: one computes while another waits for an answer."""
    return 2 * (os.cpu_count() or 1)


@dataclass(frozen=True, kw_only=True)
class Image:
    """Container images of models that can run here, and the process that stands for their containers.

    The process serves `GET /ping` and `POST /invocations` on the loopback port that the variable `PORT`
    names, with the model that is unpacked in the folder `SM_MODEL_DIR`.
    """

    repository: str
    """How the repository name in an image's address ends."""
    command: tuple[str, ...]
    """The program and its arguments."""
    working_directory: Path
    """Folder that the program is started in; absolute."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that take the place of the container's own."""


@dataclass(frozen=True, kw_only=True)
class Commands:
    """What people call its verbs by, for what it says to them."""

    up: str
    """Starts it."""
    up_on_any_port: str
    """Starts it on whatever port is free."""
    env: str
    """Prints the variables that clients need."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one local AWS runs."""

    state: Path
    """Folder of everything that it keeps; absolute."""
    port: int = 4566
    """TCP port on 127.0.0.1; 0 takes any free one."""
    lambda_concurrency: int = field(default_factory=default_lambda_concurrency)
    """Most processes that run Lambda code at once; further invocations wait in a queue."""
    alarm_seconds: float = 5.0
    """How often alarms are evaluated as time passes, in seconds; new values are looked at at once."""
    execution_speed: float = 1.0
    """How many times as fast time passes inside executions: waits, retries, time-outs, heartbeats."""
    deployment_speed: float = 1.0
    """How many times as fast the waits of endpoints' updates pass: bakes and their time-out."""
    after_rollback: AfterRollback = "fails"
    """What CloudFormation makes of an endpoint that an update left on its old config."""
    save_seconds: float = 2.0
    """Longest time between a change of state and its being on disk, in seconds."""
    named_commands: Commands | None = None
    """How the application's own tools start it; None: by its own command line."""
    images: tuple[Image, ...] = ()
    """What models can run in; the first that fits counts."""

    @property
    def commands(self) -> Commands:
        """What to type to do something with this one."""
        own = f"{shlex.quote(sys.executable)} -m loopback_aws"
        state = f"--state {shlex.quote(str(self.state))}"
        return self.named_commands or Commands(
            up=f"{own} up {state}", up_on_any_port=f"{own} up {state} --port 0", env=f"{own} env {state}"
        )

    @property
    def services(self) -> Path:
        """Folder of the emulated services' state, a JSON file a service."""
        return self.state / "services"
