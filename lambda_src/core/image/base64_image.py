"""Base64, read strictly: RFC 4648 section 4, canonical, nothing around it."""

from __future__ import annotations

import binascii

_HINTS = (
    ("data:", "it is a data URL: leave out everything up to the comma"),
    ("\n", "it holds line breaks: encode with `base64 -w0`"),
    ("\r", "it holds line breaks: encode with `base64 -w0`"),
    (" ", "it holds spaces"),
    ("-", "it is in the URL-safe alphabet: use + and / in place of - and _"),
    ("_", "it is in the URL-safe alphabet: use + and / in place of - and _"),
)


def encode(data: bytes) -> str:
    """Base64 with padding, on one line."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of canonical base64.

    Raises ValueError with the reason for foreign characters, white space, wrong padding or stray bits.
    """
    hint = next((hint for sign, hint in _HINTS if sign in text), None)
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise ValueError(hint or str(error)) from None
    if encode(data) != text:
        raise ValueError(hint or "its last character holds bits that no encoder writes")
    return data
