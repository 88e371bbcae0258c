"""A few thousand inferences side by side, counted at once: an addition each would take ten times as long."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from reports.captured.inferences import Inference
from reports.figures.hours import SECONDS, WITH_IMAGE, Hour, get_hour
from reports.figures.shown_inferences import Order, ShownInference, content_of, shown

ROWS = 8192
BYTES = 16 * 1024 * 1024
"""Of images: a batch that holds more is full, too."""


class Batch:
    """Rows of inferences, their confidences and predicted classes."""

    def __init__(self) -> None:
        self._inferences: list[Inference] = []
        self._places: list[tuple[str, int]] = []
        self._labels: list[str | None] = []
        self._confidences: list[float] = []
        self._answers: list[int] = []
        self._unfamiliarity: list[float | None] = []
        self._bytes = 0

    def add(self, inference: Inference, place: tuple[str, int], label: str | None = None) -> bool:
        """Append one, `place` its file and its number in it, `label` its true class if it is known; whether
        the batch is full now."""
        confidence = max(inference.probabilities)
        self._inferences.append(inference)
        self._places.append(place)
        self._labels.append(label)
        self._confidences.append(confidence)
        self._answers.append(inference.probabilities.index(confidence))
        self._unfamiliarity.append(inference.unfamiliarity)
        if inference.image is not None:
            self._bytes += inference.image.size_hint
        return len(self._answers) >= ROWS or self._bytes >= BYTES

    def __len__(self) -> int:
        return len(self._answers)

    def count(self, hours: dict[int, Hour], threshold: float, familiar: float | None = None) -> None:
        """Add every row to its hour; `familiar`: what an image's unfamiliarity may be, None not known."""
        times, confidences = self._columns()
        answers = np.array(self._answers, dtype=np.int64)
        strange = np.array(self._unfamiliarity, dtype=np.float64)  # None becomes NaN
        images = np.array([inference.image is not None for inference in self._inferences])
        for hour, rows in self._by_hour(times):
            counts = get_hour(hours, hour)
            counts.add_answers(times[rows], confidences[rows], answers[rows], threshold)
            counts.add("images", WITH_IMAGE, int(images[rows].sum()))
            if familiar is not None and (said := int((~np.isnan(strange[rows])).sum())):
                unfamiliar = int((strange[rows] > familiar).sum())
                counts.add("unfamiliar", 1, unfamiliar)
                counts.add("unfamiliar", 0, said - unfamiliar)

    def candidates(self, recent: int, least_certain: int) -> Iterator[ShownInference]:
        """The rows that can be among so many newest, or least certain pictures of their hour; ties are all
        in."""
        times, confidences = self._columns()
        wanted = _smallest(-times, recent)
        for _, rows in self._by_hour(times):
            wanted[self._least_certain(rows, confidences, least_certain)] = True
        for row in np.flatnonzero(wanted).tolist():
            yield shown(
                self._inferences[row],
                self._places[row],
                self._answers[row],
                self._confidences[row],
                self._labels[row],
            )

    def _least_certain(
        self, rows: NDArray[np.int64], confidences: NDArray[np.float64], count: int
    ) -> list[int]:
        """Of these rows those of the `count` least certain pictures, each once: many rows may be of one."""
        found: list[int] = []
        pictures: set[object] = set()
        ordered = rows[np.argsort(confidences[rows], kind="stable")].tolist()
        for _, equals in groupby(ordered, key=self._confidences.__getitem__):
            if len(pictures) >= count:
                break
            for row in sorted(equals, key=self._order):
                picture = self._picture(row)
                if picture not in pictures:
                    pictures.add(picture)
                    found.append(row)
        return found

    def _order(self, row: int) -> Order:
        inference, place = self._inferences[row], self._places[row]
        return (inference.time, inference.inference_id or "", *place)

    def _picture(self, row: int) -> object:
        """The same for rows of the same picture, as far as it was captured."""
        image = self._inferences[row].image
        content = content_of(image) if image is not None else None
        return row if content is None else content

    def _columns(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        times = np.array([inference.time for inference in self._inferences])
        return times, np.array(self._confidences)

    @staticmethod
    def _by_hour(times: NDArray[np.float64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Each UTC hour, counted from the epoch, and the places of its rows."""
        hours = (times // SECONDS).astype(np.int64)
        order = np.argsort(hours, kind="stable")
        distinct, starts = np.unique(hours[order], return_index=True)
        yield from zip(distinct.tolist(), np.split(order, starts[1:]), strict=True)


def _smallest(values: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Which are among the `count` smallest, or equal to the last of them."""
    if count <= 0:
        return np.zeros(len(values), dtype=bool)
    if count >= len(values):
        return np.ones(len(values), dtype=bool)
    return np.asarray(values <= np.partition(values, count - 1)[count - 1])
