"""Image files to a model's input: RGB, 8 bits, the model's size. Training, server and report read them here.

What may be sent, and what becomes of it:
- PNG, JPEG and WebP, told by content; nothing else is opened, whatever name or content type say;
- greyscale, palette and 1-bit pictures: the same colours in RGB;
- transparency (an alpha channel, or a transparent colour): laid on white;
- 16 bits a channel: the high byte, in grey as in colour;
- CMYK JPEG: R = (255 - C)(255 - K) / 255 and so on, without colour management;
- EXIF's orientation is applied; of a multi-picture JPEG the main picture is taken;
- another size: the whole picture is squeezed or stretched to the model's, with antialiasing, never cropped;
- all other metadata, sound or damaged, are left aside: they decide nothing.
Refused: animations, more than MAX_PIXELS or MAX_SCANS, a transparent colour in 16 bits, which Pillow cannot
read exactly, and pictures of which less than a share is there: unless told otherwise, less than all rows.
"""

from __future__ import annotations

import io
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.WebPImagePlugin import WebPImageFile

from pictures.damage import decode_jpeg
from pictures.files import PictureFile, read_file, upright_size
from pictures.jpeg import JpegFile
from pictures.limits import WHOLE
from pictures.orientation import UPRIGHT
from pictures.png import PngFile, refuse_damage, sound_rows
from pictures.refusals import DamagedImage, PictureRefused
from pictures.stored import StoredPng

_WHITE = (255, 255, 255, 255)
_STRIP_ROWS = 256
_DRAFT_MARGIN = 2
"""JPEGs are decoded at no less than this multiple of the model's size: antialiasing does the rest."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode_image(body: bytes, width: int, height: int, required: float = WHOLE) -> NDArray[np.uint8]:
    """The picture in `body` as a [height, width, 3] array; a PictureRefused says why it cannot be.

    `required` is the share of a damaged picture that must be there; the rest is grey in a JPEG, else black.
    """
    return decode_file(read_file(body), width, height, required)


def decode_file(file: PictureFile, width: int, height: int, required: float = WHOLE) -> NDArray[np.uint8]:
    """As `decode_image`, of a file that was read already."""
    rgb = _upright_rgb(file, _DRAFT_MARGIN * max(width, height), required)
    if rgb.size != (width, height):
        rgb = rgb.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(rgb)


def decode_whole(body: bytes, required: float = WHOLE) -> NDArray[np.uint8]:
    """As `decode_image`, in the picture's own size."""
    file = read_file(body)
    return decode_file(file, *upright_size(file), required)


def decode_small(body: bytes, side: int, required: float = WHOLE) -> Image.Image:
    """The whole picture, upright in RGB, at most `side` pixels wide and high, never enlarged."""
    return decode_within(body, side, side, required)


def decode_within(body: bytes, width: int, height: int, required: float = WHOLE) -> Image.Image:
    """The whole picture, upright in RGB, at most so wide and high: its ratio is kept, never enlarged."""
    picture = _upright_rgb(read_file(body), _DRAFT_MARGIN * max(width, height), required)
    picture.thumbnail((width, height), Image.Resampling.BICUBIC)
    return picture


def _upright_rgb(file: PictureFile, least: int, required: float) -> Image.Image:
    try:
        picture = _decoded(file, least, required)
        if file.orientation != UPRIGHT:
            picture = picture.transpose(_TURNS[file.orientation])
        return _rgb(picture)
    except (PictureRefused, MemoryError):
        raise
    except Exception as error:  # whatever a decoder raises on a caller's bytes is about them
        reason = str(error) or type(error).__name__
        raise DamagedImage(f"not a readable {file.kind}: {reason}") from error


def _decoded(file: PictureFile, least: int, required: float) -> Image.Image:
    if isinstance(file, JpegFile):
        return decode_jpeg(file, least, required)
    if isinstance(file, PngFile):
        return _decode_png(file, required)
    picture = WebPImageFile(io.BytesIO(file.content))
    picture.load()
    return picture


def _decode_png(file: PngFile, required: float) -> Image.Image:
    if not file.damage:
        picture = StoredPng(file, file.pixel_data)
        try:
            picture.load()
            if not picture.may_lack_pixels or sound_rows(file)[0] == WHOLE:
                return picture
        except OSError:
            pass
        file = file._replace(damage="its pixels cannot be unpacked")
    refuse_damage(file, min(required, WHOLE))
    picture = StoredPng(file, (zlib.compress(sound_rows(file)[1], 1),))
    picture.load()
    return picture


def _rgb(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB" and "transparency" not in picture.info:
        return picture
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.has_transparency_data:
        return _on_white(picture)
    return picture.convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    """Strip by strip: as a whole, 25 megapixels would be held four times over."""
    laid = Image.new("RGB", picture.size)
    for top in range(0, picture.height, _STRIP_ROWS):
        strip = picture.crop((0, top, picture.width, min(top + _STRIP_ROWS, picture.height))).convert("RGBA")
        laid.paste(Image.alpha_composite(Image.new("RGBA", strip.size, _WHITE), strip), (0, top))
    return laid
