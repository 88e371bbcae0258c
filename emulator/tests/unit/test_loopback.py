"""The guard that keeps the emulator on loopback, in a process of its own because it cannot be undone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def attempt(statement: str) -> str:
    """Run a statement under the guard; the last line that it printed or died with."""
    guard = "from loopback_aws.loopback import stay_on_loopback\nstay_on_loopback()"
    source = f"import socket\n{guard}\n{statement}\n"
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize(
    "statement",
    [
        "socket.create_connection(('192.0.2.1', 80), 1)",
        "socket.socket().connect_ex(('192.0.2.1', 80))",
        "socket.getaddrinfo('example.org', 443)",
        "socket.socket().bind(('0.0.0.0', 0))",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "socket.socket(socket.AF_INET6).bind(('::', 0))",
    ],
)
def test_beyond_loopback_is_refused(statement: str) -> None:
    assert "OutboundNetworkError: The local AWS does not leave this machine" in attempt(statement)


def test_loopback_is_free() -> None:
    assert attempt(
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(('localhost', server.getsockname()[1]))\n"
        "print('connected')"
    ) == ("connected")
