"""Put data, the chart libraries and scripts into HTML: none can end its element, and only these may run."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from reports.page.markup import Markup

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

# Inside a script element nothing is unescaped, so these letters are written as JSON escapes: `<` could begin
# `</script` or `<!--`; U+2028 and U+2029 end a line in older JavaScript; `>` and `&` for those who read
# the page as XML.
ESCAPES = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"})


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


def data_script(identifier: str, data: object) -> Markup:
    """A block of JSON for `document.getElementById(identifier)`; ValueError for NaN and infinities."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(ESCAPES)
    # A lone surrogate has no UTF-8; JSON can name it all the same.
    text = "".join(f"\\u{ord(letter):04x}" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return Markup(f'<script type="application/json" id="{identifier}">{text}</script>')


def inline_script(text: str) -> Markup:
    """A script of the project's or a library's own; ValueError for one that would end its element early."""
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("a script that is written into the page holds </script or <!--")
    return Markup(f"<script>{text}</script>")


def content_security_policy(scripts: list[str]) -> str:
    """Nothing may be fetched; pictures are in the page, and only these very scripts run."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    # Observable Plot writes a style element into each chart, hence 'unsafe-inline' for styles.
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
