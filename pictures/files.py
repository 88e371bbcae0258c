"""A picture's file, read without decoding anything: what it is, its size, and the part that makes its pixels.

All who take pictures ask here, the functions too, so that they refuse the same ones. Standard library only.
"""

from __future__ import annotations

from typing import TypeAlias

from pictures.jpeg import JpegFile, read_jpeg
from pictures.kinds import JPEG, PNG, kind_of
from pictures.limits import MAX_PIXELS
from pictures.png import PngFile, read_png
from pictures.refusals import ImageTooLarge, UnsupportedImage
from pictures.webp import WebpFile, read_webp

PictureFile: TypeAlias = PngFile | JpegFile | WebpFile

_ON_ITS_SIDE = (5, 6, 7, 8)
"""EXIF's orientations of pictures whose width is their height."""


def read_file(body: bytes) -> PictureFile:
    """The file in `body`; a PictureRefused says why it is not read, whatever its pixels may be."""
    kind = kind_of(body)
    if kind == PNG:
        file: PictureFile = read_png(body)
    elif kind == JPEG:
        file = read_jpeg(body)
    else:
        file = read_webp(body)
    if not (pixels := file.width * file.height):
        raise UnsupportedImage(f"a {kind} that announces {file.width} x {file.height}, 0 pixels")
    if pixels > MAX_PIXELS:
        raise ImageTooLarge(
            f"{file.width} x {file.height} = {pixels:,} pixels, the limit is {MAX_PIXELS:,}; "
            "scale the image down"
        )
    if isinstance(file, PngFile) and file.depth == 16 and file.transparency:
        raise UnsupportedImage("a 16-bit PNG with a transparent colour; save it with 8 bits or with alpha")
    return file


def upright_size(file: PictureFile) -> tuple[int, int]:
    """(width, height) as the picture is looked at."""
    return (file.height, file.width) if file.orientation in _ON_ITS_SIDE else (file.width, file.height)
