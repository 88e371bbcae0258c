"""The images of a captured request: one, or a pack's."""

from __future__ import annotations

import binascii
import hashlib

from pictures.kinds import IMAGE_TYPES
from reports.captured.problems import Position, Unreadable
from reports.captured.request import CapturedRequest
from serving.errors import MalformedRecordIO
from serving.recordio import image_bytes, read_payloads


class EncodedImage:
    """A captured image, not decoded before it is needed: making one costs next to nothing.

    `data` is the request's base64 text, or the record of a pack (header and image file). `position` is where
    it was captured.
    """

    __slots__ = ("_data", "position")

    def __init__(self, data: str | bytes, position: Position) -> None:
        self._data = data
        self.position = position

    def read(self) -> bytes:
        """The image file as the caller sent it. ValueError when the base64 or the pack's record is broken."""
        if isinstance(self._data, str):
            return binascii.a2b_base64(self._data, strict_mode=True)
        try:
            return image_bytes(self._data)
        except MalformedRecordIO as error:
            raise ValueError(str(error)) from error

    def digest(self) -> str | None:
        """SHA-256 of the image file, in hexadecimal; None where it cannot be read."""
        try:
            return hashlib.sha256(self.read()).hexdigest()
        except ValueError:
            return None

    @property
    def size_hint(self) -> int:
        """Bytes of memory that it holds: of a single image, four thirds of the file."""
        return len(self._data)


def read_images(request: CapturedRequest, answers: int, position: Position) -> list[EncodedImage]:
    """One image for each of the request's `answers`.

    A pack is taken apart here; nothing else is decoded. Raises Unreadable when there are no images, or not
    as many as answers: which one belongs to which answer is not known then.
    """
    if not isinstance(request.input, dict):
        raise Unreadable("unreadable_input")
    if not request.is_pack and request.media_type not in IMAGE_TYPES:
        raise Unreadable("foreign_input")
    data = request.input.get("data")
    if not isinstance(data, str) or request.input.get("encoding") != "BASE64" or len(data) % 4:
        raise Unreadable("unreadable_input")
    images = _unpack(data, position) if request.is_pack else [EncodedImage(data, position)]
    if len(images) != answers:
        raise Unreadable("pack_count_differs")
    return images


def _unpack(data: str, position: Position) -> list[EncodedImage]:
    try:
        body = binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        raise Unreadable("unreadable_input") from None
    try:
        return [EncodedImage(payload, position) for payload in read_payloads(body)]
    except MalformedRecordIO:
        raise Unreadable("broken_pack") from None
