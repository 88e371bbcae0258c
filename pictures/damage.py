"""How much of a JPEG is there, told by its decoder: it never complains of a scan that it makes up.

A decoder that runs out of data paints grey, and one that has data left has lost its way in them; both give a
picture. So it is fed piece by piece, and asked in between whether the last pixel is there.
What is not told so is told by bytes behind those of a scan: a whole picture does not use them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pictures.jpeg import CORRUPTED, CUT_SHORT, JpegFile, coverage, with_filler
from pictures.kinds import JPEG
from pictures.refusals import damaged
from pictures.stored import MARKS, StoredJpeg

_FILLER = bytes((37 * at * at + 11 * at) % 251 + 1 for at in range(4_096))
_FILLERS_BYTES = 2_000_000
"""All fillers of a file together."""
_SPARE_BYTES = 16
"""Behind the data of a scan some encoders leave a few bytes that mean nothing."""
_LOOKED_AHEAD = bytes(8)
"""What a decoder wants to hold beside the bits that it decodes."""
_PIECES = 100


class WatchedJpeg(StoredJpeg):
    """A JPEG whose decoder is watched: `lasted` counts the pieces before which the last pixel was missing."""

    lasted = 0

    def load_read(self, size: int) -> bytes:
        if not self._left:
            return b""
        corner = self.width - 1, self.height - 1
        if not self.lasted:
            self.im.putpixel(corner, MARKS[self.mode])
        if self.im.getpixel(corner) == MARKS[self.mode]:
            self.lasted += 1
        return super().load_read(size)


def decode_jpeg(file: JpegFile, least: int, required: float) -> Image.Image:
    """The picture as stored, made smaller by a power of two while both sides keep `least` pixels.

    Raises what the decoder raises, and DamagedImage: of one that is cut short when less than the share
    `required` is there; of a corrupted scan always, since nobody knows where it begins to be wrong.
    """
    if not file.scans:
        raise damaged(JPEG, 0, file.damage)
    if file.simple and not file.damage:
        return _decode_simple(file, least)
    picture = _load(file, file.content, least)
    share = _share_by_filler(file, picture, least)
    if share < 1 and file.damage != CUT_SHORT:
        raise damaged(JPEG, share, file.damage or CORRUPTED, at_most=True)
    if share < min(required, 1.0):
        raise damaged(JPEG, share, CUT_SHORT)
    return picture


def _decode_simple(file: JpegFile, least: int) -> Image.Image:
    """One whose decoder must be through with the last bytes of its data, and not before."""
    content, (scan,) = file.content, file.scans
    split = scan.end
    while content[split - 1] == 0:
        split -= 1
    split = max(split - _SPARE_BYTES, scan.start)
    picture = WatchedJpeg(
        file, (content[:split], content[split : scan.end] + _LOOKED_AHEAD, content[scan.end :]), least
    )
    picture.load()
    if picture.lasted < 2:
        raise damaged(JPEG, _share_before_the_rest(file, least), CORRUPTED, at_most=True)
    if picture.lasted > 2:
        share = _share_by_filler(file, _load(file, content, least), least)
        raise damaged(JPEG, share, CORRUPTED, at_most=True)
    return picture


def _load(file: JpegFile, content: bytes, least: int) -> StoredJpeg:
    picture = StoredJpeg(file, (content,), least)
    picture.load()
    return picture


def _share_before_the_rest(file: JpegFile, least: int) -> float:
    """At most this share of a scan makes the picture, since its decoder is through then."""
    step = -(-len(file.content) // _PIECES)
    pieces = [file.content[at : at + step] for at in range(0, len(file.content), step)]
    watched = WatchedJpeg(file, pieces, least)
    watched.load()
    lasted = (watched.lasted - 1) * step - file.scans[0].start
    return max(0.0, min(lasted / (file.scans[0].end - file.scans[0].start), 0.999))


def _share_by_filler(file: JpegFile, picture: Image.Image, least: int) -> float:
    """The share of rows that are the same whatever follows the data; of a broken row of scans less."""
    if file.arithmetic:  # its coders leave zeros out at the end
        return coverage(file, last_is_whole=False) if file.damage else 1.0
    filler = _FILLER[: max(32, _FILLERS_BYTES // (file.intervals * len(file.scans)))]
    other = _load(file, with_filler(file, filler), least)
    changed = np.flatnonzero((_pixels(picture) != _pixels(other)).reshape(picture.height, -1).any(axis=1))
    if file.damage and (file.progressive or len(file.scans) > 1):
        return coverage(file, last_is_whole=not len(changed))
    if file.simple:
        return (int(changed[0]) if len(changed) else picture.height) / picture.height
    missing = 1 - coverage(file, last_is_whole=True) if file.damage else 0.0
    return max(0.0, 1 - len(changed) / picture.height - missing)


def _pixels(picture: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(picture)
