"""Everything that can be wrong with a captured record, by kind, and what is lost by it."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Loss(Enum):
    """What a problem leaves out of the numbers."""

    NOTHING = "nothing"
    IMAGE = "image"
    """The answer counts; its picture is neither measured nor shown."""
    ANSWER = "answer"


class Position(NamedTuple):
    """Where in the captured data something is."""

    file: str
    """Key or path."""
    line: int
    """From 1."""


class Kind(NamedTuple):
    meaning: str
    loss: Loss


KINDS = {
    "empty_line": Kind("an empty line; nothing is lost", Loss.NOTHING),
    "cut_off": Kind("a line that starts or ends in the middle of a record", Loss.ANSWER),
    "damaged_file": Kind("a compressed file that is damaged or ends early; the rest is lost", Loss.ANSWER),
    "not_utf8": Kind("a line with bytes that are not UTF-8", Loss.ANSWER),
    "not_json": Kind("a line that is not JSON", Loss.ANSWER),
    "too_deep": Kind("a line with brackets nested too deep to be read", Loss.ANSWER),
    "too_long": Kind("a line longer than any captured request can be; it was not read", Loss.ANSWER),
    "not_a_record": Kind("JSON that is not a captured request", Loss.ANSWER),
    "bad_time": Kind("the request's time is missing or cannot be read", Loss.ANSWER),
    "bad_inference_id": Kind(
        "the inference id is not a short text; taken as if there were none", Loss.NOTHING
    ),
    "no_output": Kind("the request was captured without its answer", Loss.ANSWER),
    "unreadable_output": Kind("the captured answer cannot be decoded", Loss.ANSWER),
    "error_answer": Kind("the endpoint answered with an error or a text, not probabilities", Loss.ANSWER),
    "wrong_class_count": Kind(
        "the answer has another number of probabilities than the model has classes", Loss.ANSWER
    ),
    "bad_probabilities": Kind(
        "the answer has values that are no probabilities, or they do not sum to 1", Loss.ANSWER
    ),
    "unreadable_input": Kind("the captured image is not base64; its answer counts", Loss.IMAGE),
    "foreign_input": Kind("the request is of a type that is no image; its answer counts", Loss.IMAGE),
    "broken_pack": Kind("the captured pack cannot be taken apart; its answers count", Loss.IMAGE),
    "pack_count_differs": Kind(
        "the pack has another number of images than answers; the answers count, without images", Loss.IMAGE
    ),
    "undecodable_image": Kind("the captured image cannot be decoded; its answer counts", Loss.IMAGE),
}
"""By the name that numbers and state files use."""


class Unreadable(Exception):
    """A line, or one answer in it, gives no inference; `kind` is a key of KINDS."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind
