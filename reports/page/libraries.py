"""The two chart libraries, as `make setup` installed them, with their licences."""

from __future__ import annotations

from pathlib import Path

# node_modules lies beside `reports` in a checkout and in the monitoring function's package.
ROOT = Path(__file__).parents[2]
LIBRARIES = ("node_modules/d3/dist/d3.min.js", "node_modules/@observablehq/plot/dist/plot.umd.min.js")

# Both packages are under the ISC licence, whose notice goes with every copy.
NOTICE = """/*
d3 7.9.0, Copyright 2010-2023 Mike Bostock
Observable Plot 0.6.17, Copyright 2020-2025 Observable, Inc.

Permission to use, copy, modify, and/or distribute this software for any purpose
with or without fee is hereby granted, provided that the above copyright notice
and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS
OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER
TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.
*/
"""


class LibraryMissingError(FileNotFoundError):
    """A chart library is not where `make setup` installs it."""


def read_libraries(root: Path = ROOT) -> str:
    """d3 and Observable Plot as one script, their notice before them."""
    return NOTICE + "\n".join(_read(root / path) for path in LIBRARIES)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise LibraryMissingError(f"the report page needs {path}: run `make setup`") from error
