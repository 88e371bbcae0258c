"""The inferences that a page shows one by one: the newest, and those of which the model was least certain.

Which ones are kept depends on what was read, never on the order of reading, so that runs can be merged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from reports.captured.images import EncodedImage
from reports.captured.inferences import Inference
from reports.figures.hours import SECONDS
from reports.figures.images import thumbnail

HOURLY = 72
"""The least certain ones are kept hour by hour for so many hours, so that older hours can be dropped."""
RAW_BYTES = 48 * 1024 * 1024
"""Of images kept as they were captured; beyond it they are made small."""

Order = tuple[float, str, str, int]
_ORDER, _DOUBT = attrgetter("order"), attrgetter("confidence", "order")


@dataclass(slots=True, eq=False)
class ShownInference:
    """One inference. `name` is bucket, key, execution and its ARN; `number` counts the answers of its file.

    `order` tells it from every other, also from those of the same pack.
    """

    time: float
    inference_id: str | None
    answer: int
    confidence: float
    file: str
    number: int
    image: EncodedImage | None
    picture: str | None
    name: tuple[str, str, str, str] | None
    order: Order = field(init=False)

    def __post_init__(self) -> None:
        self.order = (
            self.time,
            self.inference_id or "",
            self.file,
            self.number,
        )

    def render(self) -> None:
        """Make the picture small, and let go of the image as it was captured."""
        if self.image is not None:
            try:
                self.picture = thumbnail(self.image.read())
            except ValueError:
                self.picture = None  # counted where images are measured; here it is only not shown
            self.image = None

    def as_state(self) -> list[Any]:
        self.render()
        return [
            self.time,
            self.inference_id,
            self.answer,
            self.confidence,
            self.file,
            self.number,
            self.picture,
            self.name,
        ]

    @classmethod
    def from_state(cls, state: list[Any]) -> ShownInference:
        """The inverse of as_state; ValueError or TypeError for what it did not make."""
        time, inference_id, answer, confidence, file, number, picture, name = state
        return cls(
            float(time),
            inference_id,
            int(answer),
            float(confidence),
            str(file),
            int(number),
            None,
            picture,
            tuple(name) if name else None,
        )


def shown(inference: Inference, place: tuple[str, int], answer: int, confidence: float) -> ShownInference:
    return ShownInference(
        inference.time, inference.inference_id, answer, confidence, *place, inference.image, None, None
    )


class Gallery:
    """Keeps `recent` newest and `least_certain` least certain inferences of all that were added."""

    def __init__(self, recent: int, least_certain: int) -> None:
        self._recent = recent
        self._least = least_certain
        self.kept: list[ShownInference] = []

    def add(self, candidates: Iterable[ShownInference]) -> None:
        self.kept.extend(candidates)
        self._prune()
        raw = sum(record.image.size_hint for record in self.kept if record.image)
        if raw > RAW_BYTES:
            for record in self.kept:
                record.render()

    def drop_before(self, seconds: float) -> None:
        self.kept = [record for record in self.kept if record.time >= seconds]

    @property
    def recent(self) -> list[ShownInference]:
        """Oldest first."""
        return sorted(self.kept, key=_ORDER)[-self._recent :] if self._recent else []

    @property
    def least_certain(self) -> list[ShownInference]:
        """Least certain first."""
        return self._least_of(self.kept)

    def _least_of(self, records: list[ShownInference]) -> list[ShownInference]:
        return sorted(records, key=_DOUBT)[: self._least]

    def _prune(self) -> None:
        by_hour: dict[int, list[ShownInference]] = defaultdict(list)
        for record in self.kept:
            by_hour[int(record.time // SECONDS)].append(record)
        wanted = [self.recent, self.least_certain]
        wanted += [self._least_of(by_hour[hour]) for hour in sorted(by_hour)[-HOURLY:]]
        self.kept = list({id(record): record for records in wanted for record in records}.values())
