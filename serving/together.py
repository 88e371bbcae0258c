"""Small images of several callers, classified in one run of the model."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serving.invocations import answers, to_json
from serving.limits import IMAGES_A_TURN
from serving.model import Model


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decoded image whose caller waits for the answer."""

    image: NDArray[np.uint8]
    unfamiliarity: bool
    answer: asyncio.Future[bytes]


class Together:
    """Runs the model once for the images that arrived in the same turn of the event loop.

    Nobody waits for company: what has been read when the turn ends is classified, a single image as well. A
    network computes some images together cheaper than each by itself, and callers who come at the same time
    are answered at the same time.
    """

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []

    async def classify(self, model: Model, image: NDArray[np.uint8], unfamiliarity: bool) -> bytes:
        """The answer to one image [height, width, 3], as `invocations.answers` makes it."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._turn, model)
        answer: asyncio.Future[bytes] = loop.create_future()
        self._waiting.append(Waiting(image, unfamiliarity, answer))
        return await answer

    def _turn(self, model: Model) -> None:
        now, self._waiting = self._waiting[:IMAGES_A_TURN], self._waiting[IMAGES_A_TURN:]
        if self._waiting:  # after what the loop has to do meanwhile
            asyncio.get_running_loop().call_soon(self._turn, model)
        for asked in (False, True):
            if alike := [each for each in now if each.unfamiliarity == asked]:
                _answer(model, alike, asked)


def _answer(model: Model, alike: list[Waiting], unfamiliarity: bool) -> None:
    try:
        found = answers(model, np.stack([each.image for each in alike]), unfamiliarity)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is each caller's answer
        for each in alike:
            if not each.answer.done():
                each.answer.set_exception(error)
        return
    for each, answer in zip(alike, found, strict=True):
        if each.answer.done():  # cancelled: its caller has gone
            continue
        try:
            each.answer.set_result(to_json(answer))
        except Exception as error:  # noqa: BLE001 - of this image alone
            each.answer.set_exception(error)
