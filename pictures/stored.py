"""Pillow's decoders on pixel data that were found already: it reads no headers and no metadata."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import Any

from PIL import ImagePalette
from PIL.ImageFile import ImageFile, _Tile
from PIL.JpegImagePlugin import JpegImageFile

from pictures.jpeg import JpegFile
from pictures.png import PngFile

_PNG_MODES = {
    (1, 0): ("1", "1"),
    (2, 0): ("L", "L;2"),
    (4, 0): ("L", "L;4"),
    (8, 0): ("L", "L"),
    (16, 0): ("I;16", "I;16B"),
    (8, 2): ("RGB", "RGB"),
    (16, 2): ("RGB", "RGB;16B"),
    (1, 3): ("P", "P;1"),
    (2, 3): ("P", "P;2"),
    (4, 3): ("P", "P;4"),
    (8, 3): ("P", "P"),
    (8, 4): ("LA", "LA"),
    (16, 4): ("RGBA", "LA;16B"),
    (8, 6): ("RGBA", "RGBA"),
    (16, 6): ("RGBA", "RGBA;16B"),
}
"""Pillow's modes, in memory and in the file, by bits a sample and colour type."""
_JPEG_MODES = {1: ("L", "L"), 3: ("RGB", "RGB"), 4: ("CMYK", "CMYK;I")}
"""By components; four of them are inverted, as Adobe writes them and nobody writes them otherwise."""

MARKS: dict[str, Any] = {
    **{"1": 255, "L": 77, "P": 77, "I;16": 7_777, "LA": (77, 12)},
    **{"RGB": (77, 12, 201), "RGBA": (77, 12, 201, 8), "CMYK": (77, 12, 201, 8)},
}
"""What is seldom in the last pixel, by mode: where it stays, the decoder did not get there."""


class StoredPng(ImageFile):
    """The pixels of a PNG, as stored."""

    format = "PNG"

    def __init__(self, file: PngFile, pixel_data: Sequence[bytes]) -> None:
        self._file = file
        self._left = list(pixel_data[::-1])
        super().__init__(io.BytesIO())

    def _open(self) -> None:
        file = self._file
        self._mode, raw = _PNG_MODES[file.depth, file.colour]
        self._size = file.width, file.height
        self.tile = [_Tile("zip", (0, 0, file.width, file.height), 0, raw)]
        if file.interlaced:
            self.decoderconfig = (1,)
        if file.palette:
            self.palette = ImagePalette.raw("RGB", file.palette[:768])
        if file.transparency:
            self.info["transparency"] = _transparency(self.mode, file.transparency)

    def load_prepare(self) -> None:
        super().load_prepare()
        self.im.putpixel((self.width - 1, self.height - 1), MARKS[self.mode])

    @property
    def may_lack_pixels(self) -> bool:
        """Whether nobody wrote the last pixel: Pillow's decoder does not mind data that end early."""
        last = self.im.getpixel((self.width - 1, self.height - 1))
        return bool(self._file.interlaced) or last == MARKS[self.mode]

    def load_read(self, _size: int) -> bytes:
        while self._left:
            if piece := self._left.pop():
                return piece
        return b""


class StoredJpeg(JpegImageFile):
    """The pixels of a JPEG, as stored. `pieces` are its content, given to the decoder one by one."""

    def __init__(self, file: JpegFile, pieces: Sequence[bytes], least: int) -> None:
        self._file = file
        self._left = list(pieces[::-1])
        super().__init__(io.BytesIO())
        self.draft(None, (least, least))

    def _open(self) -> None:
        self._mode, raw = _JPEG_MODES[self._file.components]
        self._size = self._file.width, self._file.height
        self.tile = [_Tile("jpeg", (0, 0, *self._size), 0, (raw, ""))]

    def load_read(self, _size: int) -> bytes:
        return self._left.pop() if self._left else b""


def _transparency(mode: str, data: bytes) -> bytes | int | tuple[int, int, int]:
    """As Pillow's PNG files keep it: opacity by palette entry, or the one colour that is transparent."""
    if mode == "P":
        return data
    if mode == "RGB":
        red, green, blue = struct.unpack(">HHH", data[:6])
        return red, green, blue
    (grey,) = struct.unpack(">H", data[:2])
    return 255 if mode == "1" and grey else int(grey)
