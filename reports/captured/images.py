"""The images of a captured request: one, or a pack's."""

from __future__ import annotations

import binascii
from functools import lru_cache

from reports.captured.inference import EncodedImage
from reports.captured.problems import Place, Unreadable
from serving.errors import MalformedRecordIO
from serving.recordio import read_payloads

_IMAGE_TYPES = ("image/png", "image/jpeg", "application/x-image")
_PACK_TYPE = "application/x-recordio"


def is_pack(request_input: object) -> bool:
    """Whether a request's `endpointInput` says that it is a RecordIO pack."""
    kind = request_input.get("observedContentType") if isinstance(request_input, dict) else None
    return isinstance(kind, str) and _media_type(kind) == _PACK_TYPE


def read_images(request_input: object, answers: int, place: Place) -> list[EncodedImage]:
    """One image for each of the request's `answers`.

    A pack is taken apart here; nothing else is decoded. Raises Unreadable when there are no images, or not
    as many as answers: which one belongs to which answer is not known then.
    """
    if not isinstance(request_input, dict):
        raise Unreadable("unreadable_input")
    kind, data = request_input.get("observedContentType"), request_input.get("data")
    media_type = _media_type(kind) if isinstance(kind, str) else ""
    if media_type != _PACK_TYPE and media_type not in _IMAGE_TYPES:
        raise Unreadable("foreign_input")
    if not isinstance(data, str) or request_input.get("encoding") != "BASE64" or len(data) % 4:
        raise Unreadable("unreadable_input")
    images = [EncodedImage(data, place)] if media_type != _PACK_TYPE else _unpack(data, place)
    if len(images) != answers:
        raise Unreadable("pack_count_differs")
    return images


def _unpack(data: str, place: Place) -> list[EncodedImage]:
    try:
        body = binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        raise Unreadable("unreadable_input") from None
    try:
        return [EncodedImage(payload, place) for payload in read_payloads(body)]
    except MalformedRecordIO:
        raise Unreadable("broken_pack") from None


@lru_cache(maxsize=256)
def _media_type(content_type: str) -> str:
    """Without parameters, in small letters."""
    return content_type.partition(";")[0].strip().lower()
