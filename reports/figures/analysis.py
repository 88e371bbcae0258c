"""What captured data says of the model: counts by UTC hour, and the inferences that are shown one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from reports.captured.counts import CaptureCounts
from reports.captured.inferences import Inference, read_inferences
from reports.captured.seen_events import SeenEvents
from reports.figures.baseline import Baseline
from reports.figures.batch import Batch
from reports.figures.hours import SECONDS, UNIT, Hour, add_up, get_hour, hour_of_key
from reports.figures.images import count_image, is_sampled
from reports.figures.shown_inferences import Gallery, ShownInference
from reports.figures.true_class import true_class
from reports.figures.unfamiliar import familiar_up_to
from reports.history.labels import Labels

if TYPE_CHECKING:
    from reports.history.image_names import ImageName

STATE_VERSION = 1


class Totals(NamedTuple):
    """Over all hours; `unreadable` are lines, the last two by class."""

    requests: int
    inferences: int
    low_confidence: int
    refused: int
    unreadable: int
    class_inferences: dict[str, int]
    class_confidence: dict[str, float]
    """Sum of the confidences."""


class Analysis:
    """Counts of inferences by UTC hour and the newest and least certain ones, from capture files.

    An event counts once, however many files hold it. Memory grows with the hours, not with the records.
    Files may be read in any order, by one or several analyses that are merged: the numbers are the same.
    """

    def __init__(
        self,
        baseline: Baseline,
        *,
        labels: Labels | None = None,
        image_every: int = 1,
        recent: int = 1000,
        least_certain: int = 24,
        seen: SeenEvents | None = None,
    ) -> None:
        """`image_every` n: image statistics of about every n-th inference with an image; 0: of none. `seen`:
        the events that count no more, to be shared by analyses that will be merged."""
        self.baseline = baseline
        self.labels = labels
        self.image_every = image_every if all(baseline.size) else 0
        self._recent, self._least_certain = recent, least_certain
        self._gallery = Gallery(recent, least_certain)
        self._hours: dict[int, Hour] = {}
        self._batch = Batch()
        self.seen = SeenEvents() if seen is None else seen
        self._places = {name: place for place, name in enumerate(baseline.classes)}

    def read(
        self,
        name: str,
        lines: Iterable[bytes],
        *,
        start: datetime | None = None,
        stop: datetime | None = None,
    ) -> None:
        """One capture file, `name` its key or path: its records with start <= inferenceTime < stop.

        What is wrong in it is counted, never raised; only what `lines` raises itself passes through, and
        then part of the file has been counted.
        """
        counts, first = CaptureCounts(), None
        span = (start.timestamp() if start else -inf, stop.timestamp() if stop else inf)
        class_count = len(self.baseline.classes)
        answers = read_inferences(
            name, lines, class_count, counts, start=span[0], stop=span[1], seen=self.seen
        )
        for number, inference in enumerate(answers):
            if first is None:
                first = int(inference.time // SECONDS)
            label = true_class(inference, self.labels) if self.labels is not None else None
            if label is not None:
                self._count_label(inference, label)
            if self.image_every and inference.image is not None and is_sampled(inference, self.image_every):
                count_image(inference.image, self._hour(inference.time), counts, self.baseline)
            if self._batch.add(inference, (name, number), label):
                self._flush()
        hour = get_hour(self._hours, hour_of_key(name) if first is None else first)
        hour.files += not counts.is_copy
        hour.counts.merge(counts.of_copy() if counts.is_copy else counts)

    def merge(self, other: Analysis) -> None:
        """Add what `other` read; both must be of the same model and threshold."""
        if _model(other.baseline) != _model(self.baseline):
            raise ValueError("analyses of two models or thresholds cannot be merged")
        other._flush()
        for start, hour in other._hours.items():
            get_hour(self._hours, start).merge(hour)
        self._gallery.add(other._gallery.kept)
        self.seen.merge(other.seen)

    def drop_before(self, moment: datetime) -> None:
        """Forget the hours that end at or before `moment`, and their inferences."""
        self._flush()
        first = int(moment.timestamp() // SECONDS)
        self._hours = {start: hour for start, hour in self._hours.items() if start >= first}
        self._gallery.drop_before(first * SECONDS)
        self.seen.drop_before(first * SECONDS)

    def as_state(self) -> dict[str, Any]:
        """Ready for JSON: everything but the labels, pictures as thumbnails."""
        self._flush()
        return {
            "version": STATE_VERSION,
            "model": _model(self.baseline),
            "hours": {str(start): hour.as_state() for start, hour in sorted(self._hours.items())},
            "seen": self.seen.as_state(),
            "shown": [record.as_state() for record in sorted(self._gallery.kept, key=lambda one: one.order)],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], baseline: Baseline, **options: Any) -> Analysis:
        """The inverse of as_state; `options` as for the constructor.

        ValueError when it is no such state, or one of another model or threshold.
        """
        analysis = cls(baseline, **options)
        try:
            if state["version"] != STATE_VERSION:
                raise ValueError(f"version {state['version']!r}, not {STATE_VERSION}")
            if state["model"] != _model(baseline):
                raise ValueError("of another model or another threshold")
            analysis._hours = {int(start): Hour.from_state(hour) for start, hour in state["hours"].items()}
            analysis.seen.merge(SeenEvents.from_state(state.get("seen", {})))
            analysis._gallery.add(ShownInference.from_state(record) for record in state["shown"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"not a state of this analysis: {error}") from error
        return analysis

    @property
    def shown_ids(self) -> list[str]:
        """Inference ids of the inferences that a page shows, unnamed so far: the least certain ones, at which
        people look first, then the newest."""
        return list(
            dict.fromkeys(
                record.inference_id
                for record in [*self.least_certain, *reversed(self.recent)]
                if record.inference_id and record.name is None
            )
        )

    def name_images(self, names: Mapping[str, ImageName]) -> None:
        """Say which images the shown inferences were about, by inference id."""
        self._flush()
        for record in self._gallery.kept:
            if record.inference_id and (name := names.get(record.inference_id)):
                record.name = (name.s3_bucket, name.s3_key, name.execution, name.execution_arn)

    @property
    def recent(self) -> list[ShownInference]:
        """Oldest first."""
        self._flush()
        return self._gallery.recent

    @property
    def least_certain(self) -> list[ShownInference]:
        """Least certain first."""
        self._flush()
        return self._gallery.least_certain

    @property
    def hours(self) -> dict[int, Hour]:
        """Counts by hours since the epoch, in the order of time."""
        self._flush()
        return dict(sorted(self._hours.items()))

    @property
    def totals(self) -> Totals:
        total = add_up(self.hours)
        classes = self.baseline.classes
        tables = [total.table(name) for name in ("inferences", "low", "confidence")]
        return Totals(
            requests=total.counts.requests,
            inferences=tables[0].total(),
            low_confidence=tables[1].total(),
            refused=total.counts.refused,
            unreadable=total.counts.unreadable,
            class_inferences={name: tables[0][place] for place, name in enumerate(classes)},
            class_confidence={name: tables[2][place] / UNIT for place, name in enumerate(classes)},
        )

    def _hour(self, time: float) -> Hour:
        return get_hour(self._hours, int(time // SECONDS))

    def _count_label(self, inference: Inference, label: str) -> None:
        """A class that the model does not know has the place behind all others."""
        count = len(self._places)
        predicted = inference.probabilities.index(max(inference.probabilities))
        place = self._places.get(label, count) * count + predicted
        self._hour(inference.time).add("confusion", place)

    def _flush(self) -> None:
        """Count what was read and is not counted yet."""
        if len(self._batch):
            batch, self._batch = self._batch, Batch()
            batch.count(self._hours, self.baseline.threshold, familiar_up_to(self.baseline))
            self._gallery.add(batch.candidates(self._recent, self._least_certain))


def _model(baseline: Baseline) -> dict[str, Any]:
    """What the counts depend on: with another threshold, say, "low" means another thing."""
    return {"digest": baseline.digest, "classes": list(baseline.classes), "threshold": baseline.threshold}
