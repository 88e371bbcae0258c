"""Where the deployed sources lie: assets name folders by path, never by import."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
NOT_SOURCE = ("__pycache__", "*.pyc")


def only(*paths: str) -> tuple[str, ...]:
    """Git's patterns that exclude all of the project but these files and folders.

    Nothing inside an excluded folder can be brought back, so each folder on the way is opened by itself;
    and what stays excluded is never walked, `node_modules` among it.
    """
    patterns = ["/*"]
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            opened = "/" + "/".join(parts[:depth])
            if f"!{opened}" not in patterns:
                patterns += [f"!{opened}", f"{opened}/*"] if depth < len(parts) else [f"!{opened}"]
    return (*patterns, *NOT_SOURCE)


READS_FILES = tuple(
    f"pictures/{name}.py"
    for name in (
        "__init__",
        "files",
        "jpeg",
        "kinds",
        "limits",
        "orientation",
        "png",
        "recordio",
        "refusals",
        "webp",
    )
)
"""What reads a picture's file without decoding it, by the standard library alone."""
FUNCTIONS = only("lambda_src", *READS_FILES)
SERVING = only(
    "contracts/__init__.py", "contracts/artifact", "pictures", "serving", "requirements/serving.txt"
)

CHARTS = tuple(
    f"node_modules/{name}"
    for name in (
        "d3/LICENSE",
        "d3/dist/d3.min.js",
        "@observablehq/plot/LICENSE",
        "@observablehq/plot/dist/plot.umd.min.js",
    )
)
"""The two libraries that draw the page's charts, for browsers, and what they ask to be given on."""

RUNBOOK = "docs/operations.md"
"""What to do about each error and each alarm: in the page, and where notifications lead."""

MONITOR_FILES = (
    "contracts",
    "reports",
    "lambda_src",
    "pictures",
    "serving/__init__.py",
    "serving/errors.py",
    "serving/limits.py",
    "serving/recordio.py",
    "training/__init__.py",
    "training/figures/__init__.py",
    "training/figures/image_statistics.py",
    "training/figures/metrics.py",
    *CHARTS,
    RUNBOOK,
)
MONITOR = only(*MONITOR_FILES)

LAYER = "build/layer"
# Programs, with the path of this machine's Python in them, and the list of files that holds their hashes.
NOT_LAYER = ("/.installed", "/python/bin", "/python/*.dist-info/RECORD", *NOT_SOURCE)
