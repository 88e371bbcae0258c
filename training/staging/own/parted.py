"""Several sources as one: train.rec with val.rec, a list or a manifest for each split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from training.staging.sample import LeftOut, Sample, SampleSource


@dataclass(frozen=True)
class PartedSource:
    """What is to train with, and others of the same kind that are its validation or test part, by part."""

    train: SampleSource
    others: Mapping[str, SampleSource]

    @property
    def name(self) -> str:
        return self.train.name

    @property
    def classes(self) -> tuple[str, ...] | None:
        return self.train.classes

    def identity(self) -> dict[str, Any]:
        return self.train.identity()

    def samples(self, left_out: LeftOut) -> Iterator[Sample]:
        for part, source in {"train": self.train, **self.others}.items():
            for sample in source.samples(left_out):
                yield replace(sample, part=part)
