"""How a camera was held, from EXIF (CIPA DC-008): the one thing that metadata say about pixels."""

from __future__ import annotations

UPRIGHT = 1
_TAG, _SHORT, _LONG = 0x0112, 3, 4
_ENTRY = 12
_MOST_ENTRIES = 1_000


def orientation(exif: bytes) -> int:
    """1 to 8 from a block of EXIF, with or without its name in front; 1 where none can be read."""
    block = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(block[:4])
    if order is None:
        return UPRIGHT

    def number(at: int, size: int) -> int:
        return int.from_bytes(block[at : at + size], "little" if order == "little" else "big")

    start = number(4, 4)
    for entry in range(start + 2, start + 2 + _ENTRY * min(number(start, 2), _MOST_ENTRIES), _ENTRY):
        if number(entry, 2) == _TAG:
            size = {_SHORT: 2, _LONG: 4}.get(number(entry + 2, 2), 0)
            value = number(entry + 8, size) if len(block) >= entry + _ENTRY else UPRIGHT
            return value if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT
