"""From a pack of images to the JSON that answers it, a batch at a time, so that packs take turns."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pictures.limits import MAX_PIXELS
from pictures.structure import announced_pixels, is_plain
from serving.decoding import Decoder
from serving.errors import PackTooLong, Refusal, TooManyImages, TooManyPixels
from serving.images import decode_image
from serving.invocations import answers as answers_of
from serving.invocations import to_json
from serving.limits import (
    INFERENCE_BATCH,
    MAX_ANSWER_BYTES,
    MAX_IMAGES_A_PACK,
    MAX_PACK_PIXELS,
    PACK_SECONDS,
)
from serving.model import Model
from serving.recordio import image_bytes, read_payloads

Record: TypeAlias = bytes | Refusal
"""An image file, or why there is none in the record."""
Decoded: TypeAlias = NDArray[np.uint8] | Refusal | bytes
"""Pixels, a refusal, or a file that is yet to be decoded, elsewhere."""
Answer: TypeAlias = list[float] | dict[str, Any]


async def classify_pack(
    model: Model,
    decoder: Decoder,
    thread: ThreadPoolExecutor,
    body: bytes,
    unfamiliarity: bool = False,
) -> bytes:
    """`[[p0, …], {"error": "Name: reason"}, …]`: one entry a record of a RecordIO body, in order.

    An image that cannot be classified costs its own entry only; a broken framing, too many pixels or too much
    time refuse the pack. What takes a processor runs in `thread`, the costly images in the decoder.
    """
    run = asyncio.get_running_loop().run_in_executor
    try:
        async with asyncio.timeout(PACK_SECONDS):
            records = await run(thread, read_records, body)
            answers: list[Answer] = []
            for start in range(0, len(records), INFERENCE_BATCH):
                batch = await run(
                    thread,
                    _decode_plain,
                    model,
                    decoder.required_share,
                    records[start : start + INFERENCE_BATCH],
                )
                images = [
                    await _decode_costly(model, decoder, image) if isinstance(image, bytes) else image
                    for image in batch
                ]
                answers.extend(await run(thread, _classify, model, images, unfamiliarity))
            return await run(thread, _answer, answers)
    except TimeoutError:
        raise PackTooLong(
            f"the pack of {len(body):,} bytes was not answered within {PACK_SECONDS} s; send it in parts"
        ) from None


def read_records(body: bytes) -> list[Record]:
    """The image files of a pack, once it is sure that they are not too many and not too large together."""
    records: list[Record] = []
    pixels = 0
    for payload in read_payloads(body):
        if len(records) == MAX_IMAGES_A_PACK:
            raise TooManyImages(f"the pack holds more than {MAX_IMAGES_A_PACK:,} images; send it in parts")
        try:
            record = image_bytes(payload)
            announced = announced_pixels(record)
            pixels += announced if announced <= MAX_PIXELS else 0  # more: refused by its header, at no cost
            records.append(record)
        except Refusal as refusal:
            records.append(refusal)
    if pixels > MAX_PACK_PIXELS:
        raise TooManyPixels(
            f"the pack's {len(records):,} images have {pixels:,} pixels together, the limit is "
            f"{MAX_PACK_PIXELS:,}; send it in parts"
        )
    return records


def _decode_plain(model: Model, required_share: float, records: list[Record]) -> list[Decoded]:
    return [
        _image_or_refusal(model, required_share, record)
        if isinstance(record, bytes) and is_plain(record)
        else record
        for record in records
    ]


def _image_or_refusal(model: Model, required_share: float, record: bytes) -> NDArray[np.uint8] | Refusal:
    try:
        return decode_image(record, model.width, model.height, required_share)
    except Refusal as refusal:
        return refusal


async def _decode_costly(model: Model, decoder: Decoder, record: bytes) -> NDArray[np.uint8] | Refusal:
    """A refusal that is the server's fault is raised: it is about the request, not about its image."""
    try:
        return await decoder.decode(record, model.width, model.height)
    except Refusal as refusal:
        if refusal.status >= 500:
            raise
        return refusal


def _classify(model: Model, images: list[NDArray[np.uint8] | Refusal], unfamiliarity: bool) -> list[Answer]:
    pixels = [image for image in images if not isinstance(image, Refusal)]
    entries = iter(answers_of(model, np.stack(pixels), unfamiliarity) if pixels else ())
    return [
        {"error": f"{image.name}: {image}"} if isinstance(image, Refusal) else next(entries)
        for image in images
    ]


def _answer(answers: list[Answer]) -> bytes:
    answer = to_json(answers)
    if len(answer) > MAX_ANSWER_BYTES:
        raise TooManyImages(
            f"the answer to {len(answers):,} images has {len(answer):,} bytes, the limit is "
            f"{MAX_ANSWER_BYTES:,}; send the pack in parts"
        )
    return answer
