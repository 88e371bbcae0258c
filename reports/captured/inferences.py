"""Inferences from the files that an endpoint's data capture writes: one JSON object a line.

Nothing in a file stops the reading: what cannot be used is counted by kind, with its first position.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reports.captured.answer import CapturedAnswer, read_answer, read_probabilities, read_unfamiliarity
from reports.captured.counts import CaptureCounts
from reports.captured.images import EncodedImage, read_images
from reports.captured.problems import KINDS, Loss, Position, Unreadable
from reports.captured.request import CapturedRequest, read_request


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
    unfamiliarity: float | None = None
    """How unlike those learnt from the model says that the image is, 0..1; None where it does not."""


def read_inferences(
    name: str,
    lines: Iterable[bytes],
    class_count: int,
    counts: CaptureCounts,
    *,
    start: float = -math.inf,
    stop: float = math.inf,
) -> Iterator[Inference]:
    """The answers in one file, in its order, with start <= time < stop (seconds since the epoch).

    `name` is the file's key or path, for the examples of problems. `counts` is added to while reading.
    """
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            yield from _read_line(line, Position(name, number), class_count, counts, start, stop)
    except (EOFError, zlib.error, gzip.BadGzipFile):  # of a compressed file, from iterating
        counts.add("damaged_file", Position(name, number + 1))
        counts.unreadable += 1


def _read_line(
    line: bytes, position: Position, class_count: int, counts: CaptureCounts, start: float, stop: float
) -> list[Inference]:
    counts.lines += 1
    try:
        request = read_request(line)
        if not start <= request.time < stop:
            counts.outside += 1
            return []
        counts.requests += 1
        answer = read_answer(request.output, of_pack=request.is_pack)
    except Unreadable as problem:
        counts.add(problem.kind, position)
        counts.unreadable += KINDS[problem.kind].loss is Loss.ANSWER
        return []
    if request.has_bad_id:
        counts.add("bad_inference_id", position)
    return _inferences(request, answer, class_count, position, counts)


def _inferences(
    request: CapturedRequest,
    answer: CapturedAnswer,
    class_count: int,
    position: Position,
    counts: CaptureCounts,
) -> list[Inference]:
    """One an entry that holds probabilities. The others are counted, their line once as unreadable."""
    entries, is_pack = answer
    images = _images(request, len(entries), position, counts)
    inferences, lost, inference_id = [], False, request.inference_id
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and "error" in entry:
            counts.refused += 1
            continue
        try:
            probabilities = read_probabilities(entry, class_count)
        except Unreadable as problem:
            counts.add(problem.kind, position)
            lost = True
            continue
        if is_pack and request.inference_id:
            inference_id = f"{request.inference_id}#{index}"
        inferences.append(
            Inference(
                request.time,
                inference_id,
                probabilities,
                images[index] if images else None,
                read_unfamiliarity(entry),
            )
        )
    counts.inferences += len(inferences)
    counts.unreadable += lost
    return inferences


def _images(
    request: CapturedRequest, answers: int, position: Position, counts: CaptureCounts
) -> list[EncodedImage] | None:
    """One an answer, or None when there are none to be used."""
    if request.input is None:
        counts.without_input += 1
        return None
    try:
        return read_images(request, answers, position)
    except Unreadable as problem:
        counts.add(problem.kind, position)
        return None
