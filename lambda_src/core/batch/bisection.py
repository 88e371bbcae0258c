"""Finding the images that make a whole pack fail, with few requests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

from lambda_src.core.errors import ClassificationError, ImageTooLarge, ModelFailed, ModelRejectedImage

BLAMED = (ModelFailed, ModelRejectedImage, ImageTooLarge)
"""Errors that one image of a pack may be the cause of."""
PROBES = 4
"""Images asked for alone when a pack and both its halves have failed, spread over it."""

Outcome = TypeVar("Outcome")


def bisect(
    count: int, ask: Callable[[int, int], Sequence[Outcome]], in_time: Callable[[], bool] = lambda: True
) -> list[Outcome | ClassificationError]:
    """One outcome a record: the answer, or the error of a request for this record alone.

    `ask(start, stop)` answers for the records from `start` up to `stop`. One poor image among N takes at most
    2 log2(N) + 1 requests. Errors that no image can be the cause of are raised, and so is the error of a pack
    of which nothing is answered, not even its probes: then it is the model, and the state's retry can help.
    Once `in_time` says that there is no time for a request that may hang, those that failed together share
    their request's error.
    """
    outcomes: list[Outcome | ClassificationError | None] = [None] * count
    pending = deque([(0, count)] if count else [])
    failures, answered = 0, False
    while pending:
        start, stop = pending.popleft()
        try:
            outcomes[start:stop] = ask(start, stop)
            answered = True
        except BLAMED as error:
            failures += 1
            late = stop - start > 1 and not in_time()
            outage = failures == 3 and count > PROBES and not late and not answered
            if (late and not answered) or (outage and not _any_answer(count, ask)):
                raise
            if late or stop - start == 1:
                outcomes[start:stop] = [error] * (stop - start)
            else:
                middle = (start + stop) // 2
                pending.extend([(start, middle), (middle, stop)])
    return outcomes  # type: ignore[return-value]


def _any_answer(count: int, ask: Callable[[int, int], object]) -> bool:
    for probe in range(PROBES):  # the middle of each quarter
        index = (2 * probe + 1) * count // (2 * PROBES)
        try:
            ask(index, index + 1)
        except BLAMED:
            continue
        return True
    return False
