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

_CONTENT_LETTERS = 16

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
    event_id: str | None = None
    label: str | None = None
    """The true class, where a label names the inference or its picture; no state holds it."""
    content: str | None = None
    """Of the picture: the same for the same picture. None: not known, or not asked for yet."""
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
            self._read_content()
            try:
                self.picture = thumbnail(self.image.read())
            except ValueError:
                self.picture = None  # counted where images are measured; here it is only not shown
            self.image = None

    @property
    def identity(self) -> object:
        """The same for inferences of the same picture: by its content, else by the image's place."""
        self._read_content()
        if self.content is not None:
            return self.content
        return self.name[:2] if self.name and self.name[1] else self.order

    def _read_content(self) -> None:
        if self.content is None and self.image is not None:
            self.content = content_of(self.image)

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
            self.event_id,
            self.content,
        ]

    @classmethod
    def from_state(cls, state: list[Any]) -> ShownInference:
        """The inverse of as_state; ValueError or TypeError for what it did not make."""
        time, inference_id, answer, confidence, file, number, picture, name, *later = state
        event_id, content = later or (None, None)  # states of earlier versions end before them
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
            event_id,
            content=content,
        )


def shown(
    inference: Inference, place: tuple[str, int], answer: int, confidence: float, label: str | None
) -> ShownInference:
    return ShownInference(
        inference.time,
        inference.inference_id,
        answer,
        confidence,
        *place,
        inference.image,
        None,
        None,
        inference.event_id,
        label,
    )


def content_of(image: EncodedImage) -> str | None:
    """Enough of the picture's digest to tell it from others on a page; None where it cannot be read."""
    digest = image.digest()
    return digest and digest[:_CONTENT_LETTERS]


class Gallery:
    """Keeps `recent` newest and `least_certain` least certain inferences of all that were added, of the
    latter one a picture: the least certain, and of equals the first."""

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
        found: dict[object, ShownInference] = {}
        for record in sorted(records, key=_DOUBT):
            if len(found) >= self._least:
                break
            found.setdefault(record.identity, record)
        return list(found.values())

    def _prune(self) -> None:
        by_hour: dict[int, list[ShownInference]] = defaultdict(list)
        for record in self.kept:
            by_hour[int(record.time // SECONDS)].append(record)
        wanted = [self.recent, self.least_certain]
        wanted += [self._least_of(by_hour[hour]) for hour in sorted(by_hour)[-HOURLY:]]
        self.kept = list({id(record): record for records in wanted for record in records}.values())
