"""Every suite side by side: most tests wait, and the processors would idle with them.

`python -m tests`, or `make test`. One pytest a suite, or a part of one; what it prints is in `build/tests/`,
and on the screen when a test fails. A suite of one part runs in the foreground, with pytest's own output.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / "build" / "tests"
BYTECODE = ROOT / "build" / "bytecode"
LONGEST_SECONDS = 1800
"""A suite that takes longer hangs, and is ended."""
ENDING_SECONDS = 60
SILENCE_SECONDS = 30
"""How often the progress is a line of its own where no terminal shows it."""
NO_TESTS = 5
"""Exit code of pytest where `-k` leaves a suite without a test: no failure, if others have some."""
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")


@dataclass(frozen=True)
class Suite:
    """Tests that cost alike; CONTRIBUTING.md says what belongs into which."""

    name: str
    folder: str
    """Folder of the tests, from `project`."""
    project: Path = ROOT
    """Where pytest runs: the folder of the pyproject.toml that configures it."""
    apart: tuple[str, ...] = ()
    """Folders and files below with a process of their own each: their tests wait rather than compute, or
    import what no others need."""

    def parts(self) -> list[Part]:
        rest = Part(self, self.name, (self.folder, *(f"--ignore={path}" for path in self.apart)))
        names = {path: Path(path).stem.removeprefix("test_") for path in self.apart}
        return [rest, *(Part(self, f"{self.name}-{name}", (path,)) for path, name in names.items())]

    def owns(self, argument: str) -> bool:
        """Whether a pytest argument names a file or folder of this suite, from the checkout's root."""
        path = ROOT / argument.partition("::")[0]
        return path.exists() and path.is_relative_to(self.project / self.folder)


@dataclass(frozen=True)
class Part:
    """What one pytest runs."""

    suite: Suite
    name: str
    tests: tuple[str, ...]
    """The folder, and what of it is left out, as pytest's arguments say it."""

    def command(self, arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "pytest", *self.tests, *arguments]


SUITES = {
    suite.name: suite
    for suite in (
        Suite(
            "unit",
            "tests/unit",
            apart=tuple(f"tests/unit/{room}" for room in ("operations", "reports", "serving", "training")),
        ),
        Suite("template", "tests/template"),
        Suite("browser", "tests/browser"),
        Suite("local", "tests/local", apart=("tests/local/test_by_hand.py",)),
        Suite("emulator", "tests", ROOT / "emulator", apart=("tests/conformance",)),
    )
}


@dataclass
class Run:
    """One part of a suite under way."""

    part: Part
    process: subprocess.Popen[bytes]
    log: Path
    began: float = field(default_factory=time.monotonic)

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def last_line(self) -> str:
        return self.output.rstrip().rpartition("\n")[2].strip("= ")

    @property
    def passed(self) -> bool:
        return self.process.returncode in (0, NO_TESTS)

    def counts(self) -> Counter[str]:
        """How many tests passed, failed and so on, from pytest's last line."""
        return Counter({word.rstrip("s"): int(number) for number, word in COUNT.findall(self.last_line)})

    def progress(self) -> str:
        """The share of its tests that have run, as pytest writes it at the end of each line of dots."""
        shares = re.findall(r"\[ *(\d+%)\]", self.output)
        return shares[-1] if shares else "0%"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suites that are asked for; 0 when every test passed."""
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__.partition("\n")[0])
    parser.add_argument("--suite", action="append", choices=[*SUITES], help="only this one (may be repeated)")
    options, for_pytest = parser.parse_known_args(arguments)
    parts = [part for name in options.suite or SUITES for part in SUITES[name].parts()]
    for suite in SUITES.values():
        if any(map(suite.owns, for_pytest)):
            return run_named(suite, for_pytest)
    if len(parts) == 1:
        return subprocess.run(
            parts[0].command(for_pytest), cwd=parts[0].suite.project, env=environment(), check=False
        ).returncode
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    began = time.monotonic()
    runs = [start(part, for_pytest) for part in parts]
    try:
        follow(runs, Console())
    finally:
        end([run.process for run in runs])
    total = sum((run.counts() for run in runs), Counter())
    words = ", ".join(
        f"{total[word]} {word}" for word in ("passed", "failed", "error", "skipped") if total[word]
    )
    print(f"{words or 'no test ran'} in {time.monotonic() - began:.0f} s")
    return 0 if total["passed"] and all(run.passed for run in runs) else 1


def run_named(suite: Suite, arguments: Sequence[str]) -> int:
    """Run pytest on the tests of a suite that the arguments name, and on nothing else."""
    below = suite.project.relative_to(ROOT).as_posix() + "/"
    words = [word.removeprefix(below) if suite.owns(word) else word for word in arguments]
    command = [sys.executable, "-m", "pytest", *words]
    return subprocess.run(command, cwd=suite.project, env=environment(), check=False).returncode


def start(part: Part, arguments: Sequence[str]) -> Run:
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{part.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            part.command(["-q", *arguments]),
            cwd=part.suite.project,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Run(part, process, log)


def environment() -> dict[str, str]:
    """This process's, with a place for bytecode in `build` where none may be written beside the sources.

    Hundreds of processes that the tests start would compile all that they import.
    """
    if "PYTHONDONTWRITEBYTECODE" not in os.environ:
        return dict(os.environ)
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {"PYTHONPYCACHEPREFIX": str(BYTECODE), **kept}


def follow(runs: Sequence[Run], console: Console) -> None:
    """Say how far the suites are until all have ended, and of each that has how it ended."""
    said = time.monotonic()
    going = list(runs)
    with console.status("") as status:
        while going:
            time.sleep(0.1)
            for run in [run for run in going if run.process.poll() is not None]:
                going.remove(run)
                report(run, console)
            for run in going:
                if time.monotonic() - run.began > LONGEST_SECONDS:
                    console.print(f"{run.part.name}: not done within {LONGEST_SECONDS} s, ended")
                    end([run.process])
            line = ", ".join(f"{run.part.name} {run.progress()}" for run in going)
            status.update(line)
            if not console.is_terminal and time.monotonic() - said > SILENCE_SECONDS:
                said = time.monotonic()
                console.print(line)


def report(run: Run, console: Console) -> None:
    """One line of a suite that passed; everything that it printed of one that did not."""
    if not run.passed:
        console.out(run.output, highlight=False)
    console.out(f"{run.part.name:20} {run.last_line}", highlight=False)


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End suites as Ctrl-C does, so that their fixtures stop what they started."""
    going = [process for process in processes if process.poll() is None]
    for process in going:
        process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + ENDING_SECONDS
    for process in going:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
