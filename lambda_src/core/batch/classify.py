"""What "Classify images" does: one request a pack, the answer to it checked image by image."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial

from lambda_src.core.batch.bisection import bisect
from lambda_src.core.batch.packs import PACK_TYPE, pack_key
from lambda_src.core.batch.recordio import split
from lambda_src.core.batch.records import Classified, ClassifiedBatch, Pack, SerializedBatch
from lambda_src.core.batch.retries import with_retries
from lambda_src.core.batch.rows import BatchImage, Row, error_row
from lambda_src.core.errors import ClassificationError, InvalidInput, ModelFailed, ModelRejectedImage
from lambda_src.core.excerpt import excerpt, one_line
from lambda_src.core.inference_id import pack_inference_id
from lambda_src.core.probabilities import Answer, check_probabilities

Invoke = Callable[[bytes, str, str], Answer]
"""Body, content type, inference id -> what the endpoint answers."""


def classify_batch(
    batch: SerializedBatch,
    execution_name: str,
    *,
    read_image: Callable[[str, str], bytes],
    invoke: Invoke,
    class_count: int,
    in_time: Callable[[], bool],
) -> ClassifiedBatch:
    """The images of one batch, one request a pack; a row for each image that the model does not classify.

    One request at a time: how many a map may send at once is the number of its children, no more.
    `in_time` says whether there is time for a request that hangs.
    """
    classified: list[Classified] = []
    errors = list(batch.errors)
    for index, pack in enumerate(batch.packs):
        body = with_retries(partial(read_image, batch.s3_bucket, pack_key(batch.s3_prefix, pack.name)))
        request_id = pack_inference_id(execution_name, pack.name)
        ask = partial(_ask, pack, body, request_id, invoke, class_count, index == 0)
        for image, outcome in zip(pack.images, bisect(len(pack.images), ask, in_time), strict=True):
            if isinstance(outcome, Classified):
                classified.append(outcome)
            else:
                errors.append(error_row(image, outcome) if isinstance(outcome, Exception) else outcome)
    return ClassifiedBatch(batch.batch, batch.threshold, classified, errors)


def _ask(
    pack: Pack,
    body: bytes,
    request_id: str,
    invoke: Invoke,
    class_count: int,
    first: bool,
    start: int,
    stop: int,
) -> list[Classified | Row]:
    """The answers for the pack's images from `start` up to `stop`, in one request.

    The first request of a batch is left to the state's retry, which shows in the history. When a later one is
    throttled, the retry would repeat those before it.
    """
    images = pack.images[start:stop]
    whole = len(images) == len(pack.images)
    if not whole:
        body, request_id = b"".join(_records(body, pack)[start:stop]), f"{request_id}.{start}-{stop}"
    request = partial(invoke, body, PACK_TYPE, request_id)
    answer = request() if first and whole else with_retries(request)
    entries = read_pack_answer(answer.body, len(images))
    return [
        classified_or_row(image, entry, class_count, f"{request_id}#{index}", answer.model)
        for index, (image, entry) in enumerate(zip(images, entries, strict=True))
    ]


def _records(body: bytes, pack: Pack) -> list[bytes]:
    """The pack's records, one an image. Raises InvalidInput for a pack that is not as it was written."""
    try:
        records, problem = split(body), ""
    except ValueError as error:
        records, problem = [], str(error)
    if len(records) != len(pack.images):
        problem = problem or f"it holds {len(records)} images, not {len(pack.images)}"
        raise InvalidInput(
            f"the pack {excerpt(pack.name)} is not as the step before wrote it ({problem}): "
            "start the run again, or replay what failed"
        )
    return records


def read_pack_answer(body: bytes, count: int) -> list[object]:
    """The `count` entries of an answer. Raises ModelFailed for any other answer."""
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError):
        text = one_line(body[:200].decode("utf-8", "replace"), limit=120)
        raise ModelFailed(f"the model answered something that is not JSON: {text}") from None
    if not isinstance(entries, list) or len(entries) != count:
        raise ModelFailed(f"the model answered {excerpt(entries)} to a pack of {count} images")
    return entries


def classified_or_row(
    image: BatchImage, entry: object, class_count: int, inference_id: str, model: str
) -> Classified | Row:
    """The image with its probabilities, or its row when the entry says what is wrong with it."""
    try:
        inferences = shortened(_probabilities(entry, class_count))
    except ClassificationError as error:
        return error_row(image, error)
    return Classified(*image, inference_id, model, inferences)


def shortened(probabilities: Sequence[float]) -> list[float]:
    """Six digits each, rounded down, but the largest (the first of equals) as it is: who wins, and whether
    it reaches a threshold, stays what it was."""
    best = probabilities.index(max(probabilities))
    short = [
        rounded if (rounded := round(value, 6)) <= value else round(rounded - 1e-6, 6)
        for value in probabilities
    ]
    short[best] = probabilities[best]
    return short


def _probabilities(entry: object, class_count: int) -> list[float]:
    if isinstance(entry, dict) and isinstance(entry.get("error"), str):
        raise ModelRejectedImage(f"the model refused the image: {one_line(entry['error'])}")
    return check_probabilities(entry, class_count)
