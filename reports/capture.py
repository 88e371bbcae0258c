"""Inferences from the files that an endpoint's data capture writes: one JSON object a line.

Nothing in a file stops the reading: what cannot be used is counted by kind, with its first place.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterable, Iterator

from reports.captured_answer import CapturedAnswer, read_answer, read_probabilities
from reports.captured_images import is_pack, read_images
from reports.captured_request import CapturedRequest, read_request
from reports.found import Found
from reports.inference import EncodedImage, Inference
from reports.problems import KINDS, Loss, Place, Unreadable


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
    for number, line in enumerate(_until_damage(name, lines, found), start=1):
        place = Place(name, number)
        found.lines += 1
        try:
            request = read_request(line)
            if not start <= request.time < stop:
                found.outside += 1
                continue
            found.requests += 1
            answer = read_answer(request.output, to_pack=is_pack(request.input))
        except Unreadable as problem:
            found.add(problem.kind, place)
            found.unreadable += KINDS[problem.kind].loss is Loss.ANSWER
            continue
        if request.has_bad_id:
            found.add("bad_inference_id", place)
        images = _images(request, len(answer.entries), place, found)
        yield from _inferences(request, answer, images, class_count, place, found)


def _until_damage(name: str, lines: Iterable[bytes], found: Found) -> Iterator[bytes]:
    """The lines, up to where a compressed file turns out to be damaged."""
    number = 1
    try:
        for line in lines:
            yield line
            number += 1
    except (EOFError, zlib.error, gzip.BadGzipFile):
        found.add("damaged_file", Place(name, number))
        found.unreadable += 1


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
    request: CapturedRequest,
    answer: CapturedAnswer,
    images: list[EncodedImage] | None,
    class_count: int,
    place: Place,
    found: Found,
) -> Iterator[Inference]:
    """One an entry that holds probabilities. The others are counted, their line once as unreadable."""
    lost = False
    for index, entry in enumerate(answer.entries):
        if isinstance(entry, dict) and "error" in entry:
            found.refused += 1
            continue
        try:
            probabilities = read_probabilities(entry, class_count)
        except Unreadable as problem:
            found.add(problem.kind, place)
            lost = True
            continue
        found.inferences += 1
        of_request = request.inference_id
        inference_id = f"{of_request}#{index}" if answer.is_pack and of_request else of_request
        yield Inference(request.time, inference_id, probabilities, images[index] if images else None)
    found.unreadable += lost
