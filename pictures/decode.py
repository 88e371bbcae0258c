"""Image files to the model's input: RGB, 8 bits, the model's size.

What a caller may send, and what becomes of it:
- PNG and JPEG, told by content; nothing else is opened, whatever the content type says;
- greyscale, palette and 1-bit pictures: the same colours in RGB;
- transparency (an alpha channel, or a transparent colour): laid on white;
- 16 bits a channel: the high byte, in grey as in colour;
- CMYK JPEG: R = (255 - C)(255 - K) / 255 and so on, without colour management;
- a JPEG's EXIF orientation is applied; of a multi-picture JPEG the main picture is taken;
- another size: the whole picture is squeezed or stretched to the model's, with antialiasing. Nothing is
  cropped. Training needs no counterpart: its images are staged at the model's size.
Refused: damaged files, animations, more than MAX_PIXELS or MAX_SCANS, and a transparent colour in 16 bits,
which Pillow cannot read exactly.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from pictures.limits import MAX_PIXELS, MAX_SCANS
from pictures.refusals import ImageTooLarge, PictureRefused, TooManyScans, UnsupportedImage
from pictures.structure import JPEG_SIGNATURE, PNG_SIGNATURE, exceeds_scans

Image.MAX_IMAGE_PIXELS = None  # Pillow's limit is global and half a warning; ours is checked for every image

_SIGNATURES = ((PNG_SIGNATURE, "PNG"), (JPEG_SIGNATURE, "JPEG"))
_BACKGROUND = (255, 255, 255, 255)
_ORIENTATION = 0x0112
_PNG_BIT_DEPTH = 24
_DRAFT_MARGIN = 2
"""JPEGs are decoded at no less than this multiple of the model's size: antialiasing does the rest."""


def decode_image(body: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """The picture in `body` as a [height, width, 3] array; a `PictureRefused` says why it cannot be."""
    kind = _kind(body)
    if kind == "JPEG" and exceeds_scans(body, MAX_SCANS):
        raise TooManyScans(
            f"a JPEG of more than {MAX_SCANS} scans, the limit: each costs as much as a picture; "
            "save it as a baseline JPEG or as PNG"
        )
    try:
        with Image.open(io.BytesIO(body), formats=(kind,)) as picture:
            _refuse_by_header(picture, body, kind)
            if kind == "JPEG":
                picture.draft(None, (_DRAFT_MARGIN * max(width, height),) * 2)
            picture.load()
            rgb = _upright_rgb(picture, kind)
            if rgb.size != (width, height):
                rgb = rgb.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
            return np.asarray(rgb)
    except (PictureRefused, MemoryError):
        raise
    except Exception as error:  # whatever a decoder raises on a caller's bytes is about them
        raise UnsupportedImage(f"not a readable {kind}: {_reason(error)}") from error


def _kind(body: bytes) -> str:
    if not body:
        raise UnsupportedImage("the image is empty: 0 bytes")
    for signature, kind in _SIGNATURES:
        if body.startswith(signature):
            return kind
    raise UnsupportedImage(
        f"{len(body)} bytes that are neither PNG nor JPEG; convert the image to one of them"
    )


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "its header is damaged or announces 0 pixels"
    return str(error) or type(error).__name__


def _refuse_by_header(picture: Image.Image, body: bytes, kind: str) -> None:
    """Refuse what its header alone rules out, before memory is spent on pixels."""
    pixels = picture.width * picture.height
    if pixels > MAX_PIXELS:
        raise ImageTooLarge(
            f"{picture.width} x {picture.height} = {pixels:,} pixels, the limit is {MAX_PIXELS:,}; "
            "scale the image down"
        )
    if kind == "PNG":
        frames = getattr(picture, "n_frames", 1)
        if frames > 1:
            raise UnsupportedImage(f"an animated PNG with {frames} frames; send the one that matters")
        if body[_PNG_BIT_DEPTH] == 16 and "transparency" in picture.info:
            raise UnsupportedImage(
                "a 16-bit PNG with a transparent colour; save it with 8 bits or with alpha"
            )


def _upright_rgb(picture: Image.Image, kind: str) -> Image.Image:
    if kind == "JPEG" and picture.getexif().get(_ORIENTATION, 1) != 1:
        picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.has_transparency_data:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, _BACKGROUND), picture.convert("RGBA"))
    return picture if picture.mode == "RGB" else picture.convert("RGB")
