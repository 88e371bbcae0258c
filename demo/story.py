"""What the demo prints: each step with how long it should take, then how long it took and what came of it.

Lines are left whole, so that keys and commands can be copied.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import Progress, ProgressColumn, Task, TextColumn
from rich.progress_bar import ProgressBar
from rich.text import Text

BAR_FROM_SECONDS = 5.0
"""A step that should take longer has a bar, where there is a terminal."""
LAST_LINES = 12
"""Of the log of a step that failed."""


class Step(NamedTuple):
    """A step of the demo. seconds: what it takes, about. advice: what to do when it fails."""

    name: str
    title: str
    seconds: float
    advice: str


@dataclass
class Running:
    """A step that runs: the log of its commands, and what came of it, which is said with its seconds."""

    log: Path
    result: str = ""


class Story:
    """Prints the steps in their order. `took` has the seconds of those that are done, by name."""

    def __init__(self, console: Console, steps: Sequence[Step], folder: Path) -> None:
        self.took: dict[str, float] = {}
        self._console = console
        self._steps = steps
        self._folder = folder
        self._current: tuple[int, Step] | None = None

    def begin(self) -> None:
        """What is going to happen. Logs of an earlier demo go."""
        for step in self._steps:
            self.log(step.name).unlink(missing_ok=True)
        about = sum(step.seconds for step in self._steps)
        self._console.print(
            f"[bold]The whole product on this machine[/bold], in {len(self._steps)} steps and about "
            f"{minutes(about)}. What commands say is in {self._folder}/*.log.",
            soft_wrap=True,
        )

    def log(self, name: str) -> Path:
        """The log of a step."""
        return self._folder / f"{name}.log"

    @contextmanager
    def step(self, name: str) -> Iterator[Running]:
        """Print what happens now, with a bar meanwhile; in the end the seconds, and what came of it."""
        number, step = next(entry for entry in enumerate(self._steps, 1) if entry[1].name == name)
        self._current = number, step
        title = f"{number}/{len(self._steps)} {step.title}"
        self._console.print(f"\n[bold]{title}[/bold] [dim](about {step.seconds:.0f} s)[/dim]", soft_wrap=True)
        started = time.monotonic()
        running = Running(self.log(name))
        with self._bar(step.seconds):
            yield running
        self.took[name] = round(time.monotonic() - started, 1)
        done = f"done in {self.took[name]:.0f} s"
        self.say(f"{done}: {running.result}" if running.result else done)

    def say(self, text: str, style: str = "") -> None:
        """A line of the step that runs."""
        self._console.print(Text(f"    {text}", style), soft_wrap=True)

    def failed(self, error: BaseException) -> None:
        """Which step failed and why, the end of its log, and what to do."""
        if self._current is None:
            self._console.print(f"The demo stopped: {error}", soft_wrap=True, markup=False)
            return
        number, step = self._current
        where = f"step {number}/{len(self._steps)}, {step.title}"
        self._console.print(f"\nThe demo stopped in {where}: {error}", soft_wrap=True, markup=False)
        if lines := self._last_lines(self.log(step.name)):
            self._console.print(f"The last lines of {self.log(step.name)}:", soft_wrap=True)
            for line in lines:
                self._console.print(Text(f"  │ {line}"), soft_wrap=True)
        self._console.print(
            f"{step.advice} Nothing is left running; `make demo` starts afresh.", soft_wrap=True, markup=False
        )

    def interrupted(self) -> None:
        """After Ctrl-C."""
        where = f" in step {self._current[0]}, {self._current[1].title}" if self._current else ""
        self._console.print(
            f"\nInterrupted{where}. Nothing is left running; `make demo` starts afresh.", soft_wrap=True
        )

    def _bar(self, about: float) -> Progress:
        console = self._console
        bar = Progress(
            TextColumn("   "),
            _Bar(),
            _Seconds(),
            console=console,
            transient=True,
            disable=not console.is_terminal or about < BAR_FROM_SECONDS,
        )
        bar.add_task("", total=about)
        return bar

    def _last_lines(self, log: Path) -> list[str]:
        if not log.exists():
            return []
        return log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]


class _Bar(ProgressColumn):
    """The time that has passed, against what the step should take; never full before the end."""

    def render(self, task: Task) -> ProgressBar:
        about = task.total or 1.0
        return ProgressBar(total=about, completed=min(task.elapsed or 0.0, about * 0.97), width=40)


class _Seconds(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.elapsed or 0.0:.0f} s of about {task.total or 0.0:.0f} s")


def minutes(seconds: float) -> str:
    """`90 seconds`, `2 minutes`."""
    return f"{seconds:.0f} seconds" if seconds < 100 else f"{seconds / 60:.0f} minutes"
