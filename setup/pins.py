"""Write the files of versions and hashes from what is declared: `make pins`, `make pins ARGS=--upgrade`.

All needs are resolved together, for every platform and every Python from the oldest that the project runs on;
each set's file is then resolved within that answer, so that a package has one version in all of them. What is
pinned stays as it is while it satisfies the declaration, unless `--upgrade` or `--upgrade-package NAME` asks
for more. No file names an index: whichever a machine is set up with serves it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from setup.declared import declared, digest
from setup.sets import ROOT, SETS, TORCH

OLDEST_PYTHON = "3.11.4"
HEADER = "# By `make pins`, from what pyproject.toml declares ({digest}). Installed with --require-hashes.\n"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)( ;[^\\\n]*)?", re.MULTILINE)


def main(arguments: Sequence[str]) -> None:
    """Write every file anew; `arguments` go to the resolver of all of them together."""
    wanted = {packages: declared(packages) for packages in SETS}
    everything = sorted({line for lines in wanted.values() for line in lines})
    with tempfile.TemporaryDirectory() as folder:
        together = Path(folder) / "all.txt"
        together.write_text("".join(f"{line}\n" for line in pinned()))
        resolve(everything, "--output-file", str(together), *arguments)
        within = ("--offline", "--constraint", str(together), "--generate-hashes")  # all was just fetched
        for packages, lines in wanted.items():
            write(packages.pins, lines, resolve(lines, *within, "--no-emit-package", "torch"))
        torch = [line for line in everything if line.startswith("torch==")]
        write(TORCH, torch, resolve(torch, *within, "--no-deps"))


def pinned() -> list[str]:
    """What the files hold now, without hashes: the resolver keeps to it."""
    files = [ROOT / name for name in (*(packages.pins for packages in SETS), TORCH)]
    pins = "".join(file.read_text() for file in files if file.exists())
    return sorted({match[0].strip() for match in PIN.finditer(pins)})


def resolve(requirements: Sequence[str], *arguments: str) -> str:
    """What uv prints; ends the program, after uv said why, where there is no answer."""
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "-", "--quiet"]
    form = ["--universal", "--python-version", OLDEST_PYTHON, "--fork-strategy", "fewest"]
    done = subprocess.run(
        [*uv, *form, "--no-header", "--no-annotate", *arguments],
        cwd=ROOT,
        input="\n".join(requirements),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def write(name: str, requirements: list[str], pins: str) -> None:
    """Write a file of pins, with the digest of what it was made from in its first line."""
    path = ROOT / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER.format(digest=digest(requirements)) + pins)
    print(f"{name}: {len(PIN.findall(pins))} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
