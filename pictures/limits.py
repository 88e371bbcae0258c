"""Every limit of one picture, with its unit and where it comes from."""

from __future__ import annotations

WHOLE = 1.0
"""The share of a picture that must be there unless said otherwise: all of it."""

WHATEVER_IS_THERE = 0.0
"""The share for pictures that were answered: whoever answered found that there was enough of them."""

MAX_PIXELS = 25_000_000
"""Width x height of one image, read from its header before anything is decoded (75 MB as RGB)."""

MAX_SCANS = 100
"""Scans of one JPEG, each of which goes over the whole picture: encoders write 1 to 20, browsers take 100."""

PLAIN_BYTES = 65_536
"""An image of more bytes is decoded in a process of its own, so that it does not hold up small ones."""

PLAIN_PIXELS = 262_144
"""So is one of more pixels (512 x 512),"""

PLAIN_LOSSLESS_PIXELS = 16_384
"""a WebP without loss, or with alpha, of more pixels (128 x 128), since it may bring tables for each few,"""

PLAIN_SCANS = 16
"""a JPEG of more scans, or with restarts in them, each of which is looked at,"""

PLAIN_PARTS = 24
"""one with more segments before the JPEG's frame, or PNG chunks,"""

PLAIN_HEADER_BYTES = 16_384
"""and one with more bytes that are no pixels: profiles, texts, thumbnails."""


def share_from_text(text: str) -> float:
    """A share that must be there, as an environment variable holds it; ValueError says what else it is."""
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"is {text!r}; it must be a number from 0 to 1")
    return share
