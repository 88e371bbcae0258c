"""Packs: the images of a batch as bodies of requests, each an object in S3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lambda_src.core.batch.rows import BatchImage
from lambda_src.core.errors import ImageTooLarge
from lambda_src.core.limits import MAX_IMAGE_BYTES
from lambda_src.core.location import address
from pictures.recordio import image_record

MAX_PACK_BYTES = MAX_IMAGE_BYTES
"""A pack is the body of one request, as a single image is."""
PACK_TYPE = "application/x-recordio"


class Record(NamedTuple):
    """One image, framed."""

    image: BatchImage
    record: bytes


def packs_prefix(all_packs: str, execution_name: str) -> str:
    """Where an execution's packs are: the same for every attempt, so that a retry writes them over.

    `all_packs` is the prefix of every execution's packs, and ends in "/".
    """
    return f"{all_packs}{execution_name}/"


def pack_key(prefix: str, name: str) -> str:
    return f"{prefix}{name}.rec"


def framed(image: BatchImage, data: bytes) -> Record:
    """The image's record, its number as id. Raises ImageTooLarge when no pack holds it."""
    record = image_record(data, image.n)
    if len(record) > MAX_PACK_BYTES:
        raise ImageTooLarge(
            f"{address(image.s3_bucket, image.s3_key)} has {len(data):,} bytes, framed {len(record):,}; "
            f"a pack takes at most {MAX_PACK_BYTES:,}: scale it down or compress it"
        )
    return Record(image, record)


def into_packs(records: Iterable[Record]) -> Iterator[tuple[list[BatchImage], bytes]]:
    """Images and body of one pack after the other: the order is kept, none is larger than MAX_PACK_BYTES."""
    images: list[BatchImage] = []
    bodies: list[bytes] = []
    size = 0
    for image, record in records:
        if size + len(record) > MAX_PACK_BYTES:
            yield images, b"".join(bodies)
            images, bodies, size = [], [], 0
        images.append(image)
        bodies.append(record)
        size += len(record)
    if images:
        yield images, b"".join(bodies)
