"""`python3 -m setup SET…`: install sets of packages into the checkout's .venv, which is made if need be.

`node` is the set of npm's packages. Every installer's output goes to build/setup/SET.log.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11, 4):  # before anything is imported that an older one could not read
    sys.exit(
        f"Python 3.11.4 or newer is needed, {sys.executable} is {sys.version.split()[0]}: "
        "make setup PYTHON=python3.x"
    )

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from setup.environment import ensure_environment, interpreter
from setup.installer import install
from setup.log import Log, SetupError
from setup.sets import INSTALLABLE, ROOT, named

NODE = "node"
NODE_BRINGS = "the CDK command line, its Node and the report's charts, 220 MB"


def main(names: list[str], root: Path = ROOT) -> int:
    """0 when every set is installed, 1 with the reason on standard error, 130 when interrupted."""
    if unknown := [name for name in names if name not in (NODE, *INSTALLABLE)]:
        print(
            f"There is no set {', '.join(unknown)}. Sets: {', '.join((NODE, *INSTALLABLE))}", file=sys.stderr
        )
        return 1
    for name in names:
        brings, started = NODE_BRINGS if name == NODE else named(name).brings, time.monotonic()
        print(f"Installing {brings} …", end=" ", file=sys.stderr, flush=True)
        try:
            with _alone(root):
                _install(name, root, Log(root / "build" / "setup" / f"{name}.log"))
        except SetupError as error:
            print(f"failed\n{error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return 130
        print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0


def _install(name: str, root: Path, log: Log) -> None:
    """Install a set, and say so by a file that is written last."""
    if name == NODE:
        log.run(["npm", "ci"], cwd=root)
        _stamp(root / "node_modules" / ".installed")
        return
    ensure_environment(root, log)
    install(root, named(name).pins, log)
    if "training" in named(name).needs:
        log.run([str(interpreter(root)), "-m", "setup.torch_cpu"], cwd=root)
    _stamp(root / ".venv" / ".sets" / name)


def _stamp(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.touch()


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the checkout: two verbs in two shells install one after the other."""
    folder = root / "build" / "setup"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "running.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
