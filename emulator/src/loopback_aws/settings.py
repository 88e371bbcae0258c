"""What the local AWS can be told, with meaning, unit and default in one place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from loopback_aws.errors import LocalError

HOST = "127.0.0.1"
ACCOUNT = "000000000000"
REGION = "us-east-1"
ALARM_SECONDS_VARIABLE = "LOCAL_ALARM_SECONDS"
LAMBDA_WORKERS_VARIABLE = "LOCAL_LAMBDA_WORKERS"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one local AWS runs."""

    state: Path
    """Folder of everything that it keeps; absolute."""
    port: int = 4566
    """TCP port on 127.0.0.1; 0 takes any free one."""
    lambda_workers: int
    """Most processes that run Lambda code at once; further invocations wait in a queue."""
    save_seconds: float = 2.0
    """Longest time between a change of state and its being on disk, in seconds."""

    alarm_seconds: float = 5.0
    """How often alarms are evaluated as time passes, in seconds; new values are looked at at once."""

    @property
    def services(self) -> Path:
        """Folder of the emulated services' state, a JSON file a service."""
        return self.state / "services"


def default_lambda_workers() -> int:
    """Two a core: one computes while another waits for the endpoint."""
    return 2 * (os.cpu_count() or 1)


def read_settings(state: str | Path, port: int) -> Settings:
    """Settings from the command line, `LOCAL_LAMBDA_WORKERS` and `LOCAL_ALARM_SECONDS`; LocalError on a wrong
    value."""
    if not 0 <= port <= 65535:
        raise LocalError(f"--port {port} is not a TCP port; take one from 1 to 65535, or 0 for any free one.")
    given = os.environ.get(LAMBDA_WORKERS_VARIABLE, "")
    if given and not (given.isdigit() and int(given) >= 1):
        raise LocalError(
            f"{LAMBDA_WORKERS_VARIABLE}={given!r} is not a number of processes; take 1 or more, "
            f"or leave it out for {default_lambda_workers()} (two a core)."
        )
    workers = int(given) if given else default_lambda_workers()
    return Settings(
        state=Path(state).resolve(), port=port, lambda_workers=workers, alarm_seconds=_read_alarm_seconds()
    )


def _read_alarm_seconds() -> float:
    given = os.environ.get(ALARM_SECONDS_VARIABLE, "")
    if not given:
        return Settings.alarm_seconds
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 60:
        raise LocalError(
            f"{ALARM_SECONDS_VARIABLE}={given!r} is not a time; take more than 0 and at most 60 seconds, "
            f"or leave it out for {Settings.alarm_seconds:g}."
        )
    return seconds
