"""A local AWS of a measurement's own, on a free port, with a state folder that goes with it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.config import Config

ROOT = Path(__file__).parents[1]
Clients = Callable[[str], Any]


class LocalAws(NamedTuple):
    """A local AWS that runs."""

    client: Clients
    """Makes boto3 clients by service."""
    pid: int
    environment: dict[str, str]
    """Variables with which commands reach it."""


@contextlib.contextmanager
def local_aws() -> Iterator[LocalAws]:
    """A local AWS that ends with the block."""
    with tempfile.TemporaryDirectory() as state:
        _local("up", "--state", state, "--port", "0")
        try:
            variables = json.loads(_local("env", "--state", state, "--json"))
            pid = json.loads(_local("status", "--state", state, "--json"))["pid"]
            yield LocalAws(lambda service: _client(service, variables), pid, variables)
        finally:
            _local("down", "--state", state)


def resident_megabytes(pid: int) -> float:
    """Memory of a process that is in RAM; Linux."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/status does not say how much memory is resident")


def _local(*command: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "loopback_aws", *command],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def _client(service: str, variables: dict[str, str]) -> Any:
    return boto3.session.Session().client(  # type: ignore[call-overload]
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_DEFAULT_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(inject_host_prefix=False, proxies={}, max_pool_connections=32),
    )
