"""The verbs of the command line as a person runs them: in a folder, with what leads them to an emulator.

Starting Python and importing the verbs takes longer than most of them do. So one process, which is this
module when it is run, has done both, and forks a process for each verb.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from tests.local.deployed.emulator import ROOT, Emulator


@dataclass(frozen=True)
class Verbs:
    """Runs verbs, each in a process of its own."""

    aws: Emulator
    server: subprocess.Popen[str]
    """What forks the processes."""
    folder: Path
    """Where they run."""

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """What a verb printed, and its exit code."""
        with tempfile.TemporaryDirectory() as place:
            output, errors = (Path(place) / name for name in ("output", "errors"))
            output.touch()
            errors.touch()
            asked = {
                "argv": argv,
                "folder": str(self.folder),
                "environment": self.aws.environment | {"COLUMNS": "200"},
                "output": str(output),
                "errors": str(errors),
            }
            assert self.server.stdin
            assert self.server.stdout
            self.server.stdin.write(json.dumps(asked) + "\n")
            self.server.stdin.flush()
            code = int(self.server.stdout.readline())
            return subprocess.CompletedProcess(argv, code, output.read_text(), errors.read_text())

    def told(self, *argv: str, code: int = 0) -> Any:
        """The JSON that a verb printed."""
        done = self.run(*argv, "--json")
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)


@contextmanager
def serving() -> Iterator[subprocess.Popen[str]]:
    """A process that forks verbs."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.local.deployed.verbs"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:  # closes its standard input, and waits
        yield server


def serve() -> None:
    """Run a verb for each line of standard input, and answer with its exit code."""
    from operations.__main__ import main

    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        if not (child := os.fork()):
            become(asked, main)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def become(asked: dict[str, Any], main: Any) -> NoReturn:
    """Be `python -m operations` in the folder, with the variables and the files that are asked."""
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for descriptor, path in enumerate((os.devnull, asked["output"], asked["errors"])):
        os.dup2(os.open(path, os.O_RDONLY if descriptor == 0 else os.O_WRONLY), descriptor)
    code: Any = 1
    try:
        main(asked["argv"])
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - whatever it is, Python would print it and end so
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    serve()
