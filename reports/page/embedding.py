"""Put data and scripts into HTML so that neither can end its element, and name the scripts that may run."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from reports.page.markup import Markup

# Inside a script element nothing is unescaped, so these letters are written as JSON escapes: `<` could begin
# `</script` or `<!--`; U+2028 and U+2029 end a line in older JavaScript; `>` and `&` for those who read
# the page as XML.
ESCAPES = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"})


def data_script(identifier: str, data: Any) -> Markup:
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
