"""Where the browser is, and how it is started for a test."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.example 127.0.0.1",  # hosts of the tests' own pages
)
MISSING = (
    "left out, there is no browser: install Chromium (Debian: apt-get install chromium), "
    "or set SCONES_BROWSER to the path of one"
)


def find_browser() -> str | None:
    """The path of a Chromium: the variable SCONES_BROWSER, or what the PATH has."""
    found = (shutil.which(name) for name in (os.environ.get("SCONES_BROWSER", ""), *NAMES) if name)
    return next((path for path in found if path), None)
