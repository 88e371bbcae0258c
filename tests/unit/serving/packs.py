"""A RecordIO writer for tests, from the format's description and apart from the reader."""

from __future__ import annotations

import struct
from collections.abc import Sequence

MAGIC = 0xCED7230A


def record(payload: bytes) -> bytes:
    """One record; split where the payload holds the magic at a multiple of four."""
    magic = struct.pack("<I", MAGIC)
    words = [payload[at : at + 4] for at in range(0, len(payload), 4)]
    parts = [b""]
    for word in words:
        if word == magic:
            parts.append(b"")
        else:
            parts[-1] += word
    kinds = [0] if len(parts) == 1 else [1, *[2] * (len(parts) - 2), 3]
    return b"".join(
        struct.pack("<II", MAGIC, kind << 29 | len(part)) + part + b"\0" * (-len(part) % 4)
        for kind, part in zip(kinds, parts, strict=True)
    )


def image_record(image: bytes, labels: float | Sequence[float] = 0.0, number: int = 0) -> bytes:
    if isinstance(labels, (int, float)):
        return record(struct.pack("<IfQQ", 0, labels, number, 0) + image)
    header = struct.pack("<IfQQ", len(labels), 0.0, number, 0)
    return record(header + struct.pack(f"<{len(labels)}f", *labels) + image)
