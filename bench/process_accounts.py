"""CPU time and peak memory of the local AWS's processes, by what they are; from the kernel, on Linux.

Processes are looked at a few times a second, so that one that ends meanwhile is counted almost whole.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

EVERY_SECONDS = 0.25
_TICKS = os.sysconf("SC_CLK_TCK")
_FUNCTION = re.compile(r"ministack-lambda-(.+)-[^-]+/_worker\.py")


@dataclass
class Accounts:
    """What each kind of process has used between the two ends of a `with`."""

    cpu_seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    peak_megabytes: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Of the largest process of a kind."""
    others_share: float = 0.0
    """Share of all processors that went to processes outside of the measurement."""

    def of(self, kind: str) -> float:
        """CPU seconds of all kinds whose name begins like this."""
        return sum(seconds for name, seconds in self.cpu_seconds.items() if name.startswith(kind))


class Watch:
    """Watches a local AWS, by its process id, and everything that it started."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._first: dict[int, float] = {}
        self._last: dict[int, tuple[str, float, float]] = {}
        self._ended = threading.Event()
        self._begun = (0.0, 0.0, 0.0)
        self._thread = threading.Thread(target=self._look_again, daemon=True)
        self.accounts = Accounts()

    def __enter__(self) -> Self:
        for pid in descendants(self._pid):
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")  # forgets earlier peaks
        self._first = {pid: used for pid, (_, used, _) in self._look().items()}
        self._begun = time.monotonic(), busy_seconds(), time.process_time()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._last |= self._look()
        for pid, (kind, used, peak) in self._last.items():
            self.accounts.cpu_seconds[kind] += used - self._first.get(pid, 0.0)
            self.accounts.peak_megabytes[kind] = max(self.accounts.peak_megabytes[kind], peak)
        wall, busy, mine = self._begun
        others = busy_seconds() - busy - (time.process_time() - mine) - self.accounts.of("")
        available = (time.monotonic() - wall) * (os.cpu_count() or 1)
        self.accounts.others_share = max(0.0, others / available)

    def _look_again(self) -> None:
        while not self._ended.wait(EVERY_SECONDS):
            self._last |= self._look()

    def _look(self) -> dict[int, tuple[str, float, float]]:
        """(kind, CPU seconds, peak megabytes) of each process."""
        seen = {}
        for pid in descendants(self._pid):
            with contextlib.suppress(OSError, StopIteration):
                kind = "emulator" if pid == self._pid else kind_of(pid)
                if kind:
                    seen[pid] = kind, cpu_seconds(pid), peak_megabytes(pid)
        return seen


def descendants(pid: int) -> Iterator[int]:
    """A process and all that descend from it."""
    children = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                children[int(_fields(folder.name)[1])].append(int(folder.name))
    waiting = [pid]
    while waiting:
        yield (found := waiting.pop())
        waiting += children[found]


def kind_of(pid: int) -> str:
    """`function NAME`, `model server` or nothing that counts: a shell, a reaper."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    if found := _FUNCTION.search(command):
        return f"function {found[1]}"
    return "model server" if "-m serving" in command else ""


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads."""
    return _seconds(_fields(f"{pid}"))


def busy_seconds() -> float:
    """Time that all processors together have worked since the machine started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / _TICKS  # without idle and waiting for disks


def main_thread_cpu_seconds(pid: int) -> float:
    """CPU time of the thread that a process began with."""
    return _seconds(_fields(f"{pid}/task/{pid}"))


def peak_megabytes(pid: int) -> float:
    """Most memory that was in RAM since the peak was last forgotten."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def _fields(place: str) -> list[str]:
    """The fields of a `stat` file behind the command, which may hold spaces: state, parent, …"""
    return Path(f"/proc/{place}/stat").read_text().rpartition(")")[2].split()


def _seconds(fields: list[str]) -> float:
    return (int(fields[11]) + int(fields[12])) / _TICKS
