"""Which model answered."""

from __future__ import annotations

import re

_MODEL = re.compile(r"(?:^|[\s,;])model=([0-9a-f]{1,64})(?:$|[\s,;])")
_DIGITS = 12


def model_digest(custom_attributes: str, deployed: str) -> str:
    """First 12 hex digits of the artifact's SHA-256.

    Taken from the answer's custom attributes (`model=…`), because during an update two models serve side by
    side; else `deployed`, what the stack deployed, perhaps "".
    """
    match = _MODEL.search(custom_attributes)
    return (match[1] if match else deployed)[:_DIGITS]
