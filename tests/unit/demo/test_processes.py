"""A command of the demo never outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo.processes import CommandFailed, run

DEADLINE_SECONDS = 60.0


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)
    return path.read_text()


def test_a_command_that_fails_is_named_with_its_exit_code(tmp_path: Path) -> None:
    log = tmp_path / "step.log"
    with pytest.raises(CommandFailed, match="exit code 3"):
        run([sys.executable, "-c", "import sys; sys.exit(3)"], os.environ, log)


def test_its_output_is_in_the_log_or_returned_when_asked_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log, speak = tmp_path / "step.log", "import sys; print('said'); print('warned', file=sys.stderr)"
    assert run([sys.executable, "-c", speak], os.environ, log, capture=True) == "said\n"
    assert log.read_text().splitlines()[1:] == ["warned"]
    assert run([sys.executable, "-c", speak], os.environ, log) == ""
    assert {"said", "warned"} < set(log.read_text().splitlines())
    assert log.read_text().startswith(f"$ {Path(sys.executable).name} -c ")
    assert capfd.readouterr() == ("", "")


def test_an_interruption_ends_the_command_and_what_it_started(tmp_path: Path) -> None:
    """A grandchild that ignores the polite signal is ended too."""
    grandchild = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    child = (
        "import pathlib, subprocess, sys\n"
        f"process = subprocess.Popen([sys.executable, '-c', {grandchild!r}])\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(process.pid))\n"
        "process.wait()\n"
    )
    log = str(tmp_path / "demo.log")
    demo = subprocess.Popen(
        [sys.executable, "-c", f"from demo.processes import interruption, run; import os, pathlib, sys; "
         f"interruption.listen(); "  # between fork and return nobody knows the child's id
         f"run([sys.executable, '-c', {child!r}], os.environ, pathlib.Path({log!r}))"],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    pid = int(wait_for(tmp_path / "pid"))
    demo.send_signal(signal.SIGINT)
    assert demo.wait(DEADLINE_SECONDS) != 0
    deadline = time.monotonic() + DEADLINE_SECONDS
    while Path(f"/proc/{pid}").exists() and not _is_zombie(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.02)


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
