"""Inferences from the files that an endpoint's data capture writes: one JSON object a line.

Nothing in a file stops the reading: what cannot be used is counted by kind, with its first place.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterable, Iterator

from reports.captured.answer import CapturedAnswer, read_answer, read_probabilities
from reports.captured.counts import Found
from reports.captured.images import read_images
from reports.captured.inference import EncodedImage, Inference
from reports.captured.problems import KINDS, Loss, Place, Unreadable
from reports.captured.request import CapturedRequest, read_request


def read_inferences(
    name: str,
    lines: Iterable[bytes],
    class_count: int,
    found: Found,
    *,
    start: float = -math.inf,
    stop: float = math.inf,
) -> Iterator[Inference]:
    """The answers in one file, in its order, with start <= time < stop (seconds since the epoch).

    `name` is the file's key or path, for the examples of problems. `found` is added to while reading.
    """
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            yield from _read_line(line, Place(name, number), class_count, found, start, stop)
    except (EOFError, zlib.error, gzip.BadGzipFile):  # of a compressed file, from iterating
        found.add("damaged_file", Place(name, number + 1))
        found.unreadable += 1


def _read_line(
    line: bytes, place: Place, class_count: int, found: Found, start: float, stop: float
) -> list[Inference]:
    found.lines += 1
    try:
        request = read_request(line)
        if not start <= request.time < stop:
            found.outside += 1
            return []
        found.requests += 1
        answer = read_answer(request.output, request.input)
    except Unreadable as problem:
        found.add(problem.kind, place)
        found.unreadable += KINDS[problem.kind].loss is Loss.ANSWER
        return []
    if request.has_bad_id:
        found.add("bad_inference_id", place)
    return _inferences(request, answer, class_count, place, found)


def _images(request: CapturedRequest, answers: int, place: Place, found: Found) -> list[EncodedImage] | None:
    """One an answer, or None when there are none to be used."""
    if request.input is None:
        found.without_input += 1
        return None
    try:
        return read_images(request.input, answers, place)
    except Unreadable as problem:
        found.add(problem.kind, place)
        return None


def _inferences(
    request: CapturedRequest, answer: CapturedAnswer, class_count: int, place: Place, found: Found
) -> list[Inference]:
    """One an entry that holds probabilities. The others are counted, their line once as unreadable."""
    entries, is_pack = answer
    images = _images(request, len(entries), place, found)
    inferences, lost, inference_id = [], False, request.inference_id
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and "error" in entry:
            found.refused += 1
            continue
        try:
            probabilities = read_probabilities(entry, class_count)
        except Unreadable as problem:
            found.add(problem.kind, place)
            lost = True
            continue
        if is_pack and request.inference_id:
            inference_id = f"{request.inference_id}#{index}"
        inferences.append(
            Inference(request.time, inference_id, probabilities, images[index] if images else None)
        )
    found.inferences += len(inferences)
    found.unreadable += lost
    return inferences
