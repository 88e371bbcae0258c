"""The monitor as a Lambda function: EventBridge Scheduler invokes it, and so may a person, with any event.

It returns {"files", "inferences", "behind", "report", "verdict"}: files and inferences that this run counted,
whether there are more for the next one, the page, and what it says in a sentence.

Two runs at once do no harm, except that metrics which one has not yet emitted wholly are emitted by both:
reserved concurrency of 1 keeps them apart.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

from lambda_src.core.invocation import logged
from reports.monitor.deadline import Deadline
from reports.monitor.environment import MonitorEnvironment
from reports.monitor.model import Model, read_model
from reports.monitor.run import Run

ENVIRONMENT = MonitorEnvironment.read(os.environ)
_CONNECTIONS = 16
_ATTEMPTS = 4


@cache
def client(service: str) -> Any:
    """A client that asks again by itself: here no state machine does."""
    config = Config(
        connect_timeout=2,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        tcp_keepalive=True,
        max_pool_connections=_CONNECTIONS,
    )
    return botocore.session.get_session().create_client(service, config=config)


@cache
def model() -> Model:
    """The deployed model, read once for all invocations of this process."""
    return read_model(client("s3"), ENVIRONMENT.artifact_uri, ENVIRONMENT.threshold)


@logged("Monitor")
def handler(_event: Any, context: Any) -> dict[str, Any]:
    """Run once, on all that was captured since the last time."""
    run = Run(
        environment=ENVIRONMENT,
        model=model(),
        s3=client("s3"),
        states=client("stepfunctions"),
        where=where(),
        console=has_console(),
        now=datetime.now(UTC),
        deadline=Deadline.of(context),
        emit=emit,
    )
    return run()


def emit(line: str) -> None:
    """Write a line of metrics to the log, in one piece."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def where() -> str:
    """Which AWS this is, as the command line says it."""
    if url := os.environ.get("AWS_ENDPOINT_URL"):
        return f"AWS on loopback, {url}"
    _, _, _, region, account, *_ = ENVIRONMENT.state_machine.split(":")
    return f"AWS account {account}, region {region}"


def has_console() -> bool:
    """Whether this is AWS itself, whose console shows executions."""
    return not os.environ.get("AWS_ENDPOINT_URL")
