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
from reports.captured.seen_events import SeenEvents


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
    event_id: str | None = None
    """The captured request's own; of a pack `<id>#<i>`, as the inference id."""


def read_inferences(
    name: str,
    lines: Iterable[bytes],
    class_count: int,
    counts: CaptureCounts,
    *,
    start: float = -math.inf,
    stop: float = math.inf,
    seen: SeenEvents | None = None,
) -> Iterator[Inference]:
    """The answers in one file, in its order, with start <= time < stop (seconds since the epoch).

    `name` is the file's key or path, for the examples of problems. `counts` is added to while reading. An
    event that is in `seen` gives nothing but its count, one that is not is added to it; None: every line
    counts.
    """
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            yield from _read_line(line, Position(name, number), class_count, counts, (start, stop), seen)
    except (EOFError, zlib.error, gzip.BadGzipFile):  # of a compressed file, from iterating
        position = Position(name, number + 1)
        if seen is not None and not seen.add_line(b"", position):
            counts.repeated += 1
            return
        counts.add("damaged_file", position)
        counts.unreadable += 1


def _read_line(
    line: bytes,
    position: Position,
    class_count: int,
    counts: CaptureCounts,
    span: tuple[float, float],
    seen: SeenEvents | None,
) -> list[Inference]:
    counts.lines += 1
    try:
        request = read_request(line)
    except Unreadable as problem:
        if seen is None or seen.add_line(line, position):
            _count_loss(problem, position, counts)
        else:
            counts.repeated += 1
        return []
    if not span[0] <= request.time < span[1]:
        counts.outside += 1
        return []
    if seen is not None and request.event_id and not seen.add(request.event_id, request.time):
        counts.repeated += 1
        return []
    counts.requests += 1
    try:
        answer = read_answer(request.output, of_pack=request.is_pack)
    except Unreadable as problem:
        _count_loss(problem, position, counts)
        return []
    if request.has_bad_id:
        counts.add("bad_inference_id", position)
    return _inferences(request, answer, class_count, position, counts)


def _count_loss(problem: Unreadable, position: Position, counts: CaptureCounts) -> None:
    counts.add(problem.kind, position)
    counts.unreadable += KINDS[problem.kind].loss is Loss.ANSWER


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
    inferences, lost = [], False
    inference_id, event_id = request.inference_id, request.event_id
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
        if is_pack and request.event_id:
            event_id = f"{request.event_id}#{index}"
        inferences.append(
            Inference(
                request.time,
                inference_id,
                probabilities,
                images[index] if images else None,
                read_unfamiliarity(entry),
                event_id,
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
