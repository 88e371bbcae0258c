"""Compact JSON as it is counted against limits and written to result files."""

from __future__ import annotations

import json
from typing import Any


def json_bytes(value: Any) -> bytes:
    """The value in UTF-8; half of a surrogate pair, which UTF-8 has not, stays the escape that it was."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(errors="backslashreplace")
