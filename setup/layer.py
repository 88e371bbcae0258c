"""The monitoring function's packages: `python3 -m setup.layer`, which `npx cdk` runs before the app.

They are wheels for the function's own Python and processor, whatever this machine's are: neither Docker nor a
compiler is needed. What is there and current is left as it is, without network.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from setup.log import Log

ROOT = Path(__file__).resolve().parent.parent
LAYER = "build/layer"
PINS = "requirements/monitor.txt"
PYTHON = "3.14"
# What an installer writes of itself and of this machine: the same wheels must give the same layer.
INSTALLERS_OWN = ("bin", ".lock", "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED")


def is_current(root: Path = ROOT) -> bool:
    """Whether the layer is there, whole, and of the versions that are pinned now."""
    stamp = root / LAYER / ".installed"
    return stamp.is_file() and stamp.read_text() == _wanted(root)


def main(root: Path = ROOT) -> int:
    """0 when the layer is current, 1 with the reason on standard error when it could not be fetched."""
    if is_current(root):
        return 0
    from setup.log import Log, SetupError  # what is seldom needed: every `npx cdk` comes by here

    print("Fetching the monitoring function's packages, 80 MB …", end=" ", file=sys.stderr, flush=True)
    try:
        fetch(root, Log(root / "build" / "setup" / "layer.log"))
    except SetupError as error:
        print(f"failed\n{error}", file=sys.stderr)
        return 1
    print("done", file=sys.stderr)
    return 0


def fetch(root: Path, log: Log) -> None:
    """Fetch the layer anew; it appears whole or not at all. Raises SetupError."""
    (root / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root / "build") as folder:
        new = Path(folder) / "layer"
        log.run([*_installer(root, new / "python"), "--requirement", str(root / PINS)])
        for pattern in INSTALLERS_OWN:
            for path in (new / "python").glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        (new / ".installed").write_text(_wanted(root))
        shutil.rmtree(root / LAYER, ignore_errors=True)
        new.rename(root / LAYER)


def _installer(root: Path, target: Path) -> list[str]:
    """What puts wheels into `target`: pip of this Python, or uv where it has none, or `.venv`'s pip."""
    kind = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--python-version", PYTHON]
    wheels = ["--quiet", "--target", str(target), *kind]
    python = sys.executable if importlib.util.find_spec("pip") else str(root / ".venv" / "bin" / "python")
    if python != sys.executable and (uv := shutil.which("uv")):
        return [uv, "pip", "install", *wheels, "--python-platform", "aarch64-manylinux_2_28"]
    return [python, "-m", "pip", "install", "--no-compile", *wheels, "--platform", "manylinux_2_28_aarch64"]


def _wanted(root: Path) -> str:
    """Names the versions and the Python; kept beside what was fetched for them."""
    pins = [line for line in (root / PINS).read_text().splitlines() if not line.startswith("#")]
    return hashlib.sha256("\n".join([PYTHON, *pins]).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
