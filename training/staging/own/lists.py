"""im2rec's lists: index, one label or several, path; separated by tabs, of Unix or Windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from contracts.artifact.class_names import MAXIMUM_CLASSES
from contracts.written_text import Line
from training.staging.example import StagingError
from training.staging.own.groups import GroupBy
from training.staging.own.place import Place, inner_path, require_few
from training.staging.sample import LeftOut, Sample
from training.whole_labels import whole_label


@dataclass(frozen=True)
class ListSource:
    """The pictures of a list, whose paths are names in `place`.

    lines: reads the list, as often as it is called. label_at: which of several labels is the class, from 1
    on; None where there is one. classes: names by label; without them the label is the name.
    """

    name: str
    where: str
    lines: Callable[[], Iterator[Line]]
    place: Place
    classes: tuple[str, ...] | None = None
    label_at: int | None = None
    group_by: GroupBy | None = None

    def identity(self) -> dict[str, Any]:
        return {
            "dataset": "list",
            "label_at": self.label_at,
            "group_by": self.group_by and self.group_by.words,
        }

    def samples(self, left_out: LeftOut) -> Iterator[Sample]:
        found = 0
        for number, text in self.lines():
            if not text.strip():
                continue
            found += 1
            require_few(found, self.where)
            try:
                label, name = self._read(text)
            except ValueError as error:
                raise StagingError(f"{self.where}, line {number}: {error}.") from error
            class_name = self.classes[label] if self.classes else str(label)
            group = self.group_by.group(name, {}) if self.group_by else None
            if self.group_by and group is None:
                left_out.add("without a group", name)
                continue
            yield Sample(name, class_name, partial(self.place.read, name), group)

    def _read(self, text: str) -> tuple[int, str]:
        fields = text.split("\t")
        if len(fields) < 3:
            raise ValueError(f"expected index, label and path, separated by tabs, not {text[:80]!r}")
        labels = fields[1:-1]
        if len(labels) > 1 and self.label_at is None:
            raise ValueError(
                f"there are {len(labels)} labels; --label-at N says which is the class, 1 being the first"
            )
        at = (self.label_at or 1) - 1
        if at >= len(labels):
            raise ValueError(f"there are {len(labels)} labels, but --label-at is {self.label_at}")
        count = len(self.classes) if self.classes else MAXIMUM_CLASSES
        return whole_label(labels[at], count), inner_path(fields[-1])
