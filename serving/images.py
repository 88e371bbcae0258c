"""Pictures as the server's requests hold them: what cannot be read is an answer to the caller."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pictures import decode
from pictures.limits import WHOLE
from pictures.refusals import PictureRefused
from serving.errors import ImageRefused


def decode_image(body: bytes, width: int, height: int, required: float = WHOLE) -> NDArray[np.uint8]:
    """As `pictures.decode`; raises ImageRefused."""
    try:
        return decode.decode_image(body, width, height, required)
    except PictureRefused as refused:
        raise ImageRefused(refused.name, str(refused)) from refused
