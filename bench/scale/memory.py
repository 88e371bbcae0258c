"""What a process and all that it starts have of memory, looked at all the while."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path


class Watch(threading.Thread):
    """Peaks, in KB, of what a process and all that it started have together, until it ends."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self.unreclaimable, self.mapped = pid, 0, 0

    def run(self) -> None:
        while Path(f"/proc/{self._pid}").exists():
            found = [_memory(pid) for pid in _family(self._pid)]
            self.unreclaimable = max(
                self.unreclaimable, sum(one["Anonymous"] + one["Pss_Shmem"] for one in found)
            )
            self.mapped = max(self.mapped, sum(one["Pss_File"] for one in found))
            time.sleep(0.25)


def _family(pid: int) -> list[int]:
    children = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return [pid, *(one for child in children for one in _family(child))]


def _memory(pid: int) -> dict[str, int]:
    none = dict.fromkeys(("Anonymous", "Pss_Shmem", "Pss_File"), 0)
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it ended meanwhile
        return none
    return none | {name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB$", text, re.M)}
