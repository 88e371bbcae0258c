"""Start, stop and look at the local AWS from another process."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from loopback_aws.errors import LocalError
from loopback_aws.front import HEALTH_PATH
from loopback_aws.instance import Instance, holder, is_held, make_folder, running, wait_until_gone
from loopback_aws.settings import HOST, Settings

STOP_SECONDS = 45.0
"""How long a stopping local AWS may take to save its state before it is killed."""
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOG_BYTES = 10_000_000
"""A longer log is put aside as emulator.log.1 at the next start."""


def up(settings: Settings, configuration: str | None, seconds: float) -> Instance:
    """Start `serve` in the background and wait until it answers and its endpoints serve again.

    One that runs already is the answer, whatever its port. `configuration` is the file of the settings, None
    for the working folder's. Raises LocalError with the server's own words when it ends before that, or after
    `seconds`.
    """
    if (instance := running(settings.state)) and health(instance):
        say(f"AWS already runs on {instance.url}")
        return instance
    make_folder(settings.state)
    log = settings.state / "emulator.log"
    say(f"Starting AWS on {HOST} (log: {log})")
    for number in STOPPING:
        signal.signal(number, _exit)
    held = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)  # until there is a process to end
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        begin = output.tell()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "loopback_aws", "serve"),
                *(("--config", configuration) if configuration else ()),
                *("--state", settings.state, "--port", str(settings.port)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        instance = _wait_ready(settings, process, seconds)
    except _EndedError:
        raise LocalError(
            _last_words(log, begin) or f"The local AWS ended with code {process.returncode}; log: {log}"
        ) from None
    except BaseException:
        _end(process)
        raise
    for line in _written(log, begin):
        if line.startswith("warning: "):
            say(line)
    say(f'Use it in a shell: eval "$({settings.commands.env})"')
    return instance


def _exit(number: int, _frame: FrameType | None) -> None:
    """Once: a closed terminal hangs up twice, and the second must not pass over the ending of the server."""
    for each in STOPPING:
        signal.signal(each, lambda *_: None)
    sys.exit(128 + number)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals wait: one that raises while `poll` holds the process' lock would leave it locked, and who then
    ends the process would wait for ever."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _wait_ready(settings: Settings, process: subprocess.Popen[bytes], seconds: float) -> Instance:
    begin = time.monotonic()
    said = begin
    while time.monotonic() < begin + seconds:
        with _undisturbed():
            ended = process.poll() is not None
        if ended:
            raise _EndedError
        instance = running(settings.state)
        if instance and instance.pid == process.pid and (state := health(instance)):
            if state["ready"]:
                say(f"Ready on {instance.url} after {time.monotonic() - begin:.1f} s")
                return instance
            if time.monotonic() - said > 2:
                said = time.monotonic()
                say(f"Answers; waiting for: {', '.join(state['waiting_for']) or 'its services'}")
        time.sleep(0.05)
    raise LocalError(
        f"The local AWS was not ready within {seconds:g} s. Its log is {settings.state / 'emulator.log'}; "
        "--timeout waits longer."
    )


def health(instance: Instance) -> dict[str, Any] | None:
    """What the instance says of itself; None when it does not answer."""
    connection = http.client.HTTPConnection(HOST, instance.port, timeout=5)
    try:
        connection.request("GET", HEALTH_PATH)
        answer = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return answer if isinstance(answer, dict) and answer.get("pid") == instance.pid else None


def down(state: Path) -> None:
    """Stop the local AWS of a state folder: gracefully, after a deadline by force."""
    instance = holder(state)
    if instance is None:
        if is_held(state):
            raise LocalError(
                f"Another process holds {state} and does not say which: find it with lsof {state}/*"
            )
        say(f"No local AWS runs on {state}.")
        return
    say(f"Stopping AWS on {instance.url} (process {instance.pid})")
    os.kill(instance.pid, signal.SIGTERM)
    if not wait_until_gone(state, instance.pid, STOP_SECONDS):
        say(f"It did not stop within {STOP_SECONDS:g} s: killing it. The last seconds' changes may be lost.")
        os.kill(instance.pid, signal.SIGKILL)
        wait_until_gone(state, instance.pid, 10)
    say(f"Stopped. Its state stays in {state}.")


def require(settings: Settings) -> Instance:
    """The running instance; LocalError when there is none."""
    if instance := running(settings.state):
        return instance
    raise LocalError(f"No local AWS runs on {settings.state}. Start it with: {settings.commands.up}")


def status(state: Path, as_json: bool) -> int:
    """Print whether it runs; 0 when it does, 3 when not (as `systemctl status`)."""
    instance = running(state)
    answer = health(instance) if instance else None
    report: dict[str, Any] = {"state": str(state), "running": bool(answer)}
    if instance and answer:
        report |= {"port": instance.port, "url": instance.url} | answer
    if as_json:
        print(json.dumps(report, indent=2))
    elif answer and instance:
        words = "ready" if answer["ready"] else f"starting: {', '.join(answer['waiting_for'])}"
        print(f"running on {instance.url}, process {instance.pid}, state in {state}, {words}")
    elif is_held(state):
        print(f"held by a process that does not answer, state in {state}")
    else:
        print(f"not running, state in {state}")
    return 0 if answer else 3


def say(text: str) -> None:
    """Progress goes to standard error; standard output is for the environment.

    A terminal that was closed, or a pipe without a reader, must keep nothing from being stopped.
    """
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


class _EndedError(Exception):
    """The server ended before it was ready."""


def _last_words(log: Path, begin: int) -> str:
    """The server's own error message, or the end of its log, of what it wrote after byte `begin`."""
    lines = _written(log, begin)
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return errors[-1] if errors else "\n".join(lines[-20:])


def _written(log: Path, begin: int) -> list[str]:
    return log.read_bytes()[begin:].decode(errors="replace").strip().splitlines()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
