"""One image's answer, as captured."""

from __future__ import annotations

import binascii
from typing import NamedTuple

from reports.captured.problems import Place
from serving.errors import MalformedRecordIO
from serving.recordio import image_bytes


class EncodedImage:
    """A captured image, not decoded before it is needed: making one costs next to nothing.

    `data` is the request's base64 text, or the record of a pack (header and image file). `place` is where it
    was captured.
    """

    __slots__ = ("_data", "place")

    def __init__(self, data: str | bytes, place: Place) -> None:
        self._data = data
        self.place = place

    def read(self) -> bytes:
        """The image file as the caller sent it. ValueError when the base64 or the pack's record is broken."""
        if isinstance(self._data, str):
            return binascii.a2b_base64(self._data, strict_mode=True)
        try:
            return image_bytes(self._data)
        except MalformedRecordIO as error:
            raise ValueError(str(error)) from error

    @property
    def size_hint(self) -> int:
        """Bytes of memory that it holds: of a single image, four thirds of the file."""
        return len(self._data)


class Inference(NamedTuple):
    """One image's answer."""

    time: float
    """When it was given: seconds since the epoch."""
    inference_id: str | None
    """Of the request; of a pack `<id>#<i>` for image i, from 0. None when the caller sent none."""
    probabilities: tuple[float, ...]
    """In the order of the classes, each in 0..1, together 1."""
    image: EncodedImage | None
    """None when only the output was captured, or the input is no image that can be told apart."""
