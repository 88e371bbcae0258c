"""Every limit of one picture, with its unit and where it comes from."""

from __future__ import annotations

MAX_PIXELS = 25_000_000
"""Width x height of one image, read from its header before anything is decoded (75 MB as RGB)."""

MAX_SCANS = 100
"""Scans of one JPEG, each of which goes over the whole picture: encoders write 1 to 20, browsers take 100."""

PLAIN_BYTES = 65_536
"""An image of more bytes is decoded in a process of its own, so that it does not hold up small ones."""

PLAIN_PIXELS = 262_144
"""So is one of more pixels (512 x 512),"""

PLAIN_SCANS = 16
"""a JPEG of more scans,"""

PLAIN_PARTS = 24
"""one with more segments before the JPEG's frame, or PNG chunks,"""

PLAIN_HEADER_BYTES = 16_384
"""and one with more bytes that are no pixels: profiles, texts, thumbnails."""
