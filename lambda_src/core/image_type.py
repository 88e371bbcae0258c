"""What an image is, told from its bytes and never from its name: as the model server reads them.

Only what the standard library can see cheaply: format, dimensions, what no reader takes, and whether the
pixel data of a PNG or WebP are as they were written. Decoding is the model server's work.
"""

from __future__ import annotations

from typing import NamedTuple

from lambda_src.core.errors import UnsupportedImage
from pictures.files import read_file, upright_size
from pictures.kinds import CONTENT_TYPES
from pictures.png import PngFile, refuse_damage
from pictures.refusals import PictureRefused


class ImageType(NamedTuple):
    """Content type for the endpoint, and dimensions in pixels of the upright picture, as its header says."""

    content_type: str
    width: int
    height: int


def image_type(data: bytes, where: str, required_share: float = 0.0) -> ImageType:
    """Type and dimensions of a picture; `where` names it in the message.

    Raises UnsupportedImage, in the server's words, for what the server would refuse; for a damaged PNG only
    if less than `required_share` of it is there.
    """
    try:
        file = read_file(data)
        if isinstance(file, PngFile):
            refuse_damage(file, required_share)
    except PictureRefused as refused:
        raise UnsupportedImage(f"{where}: {refused}") from refused
    return ImageType(CONTENT_TYPES[file.kind], *upright_size(file))
