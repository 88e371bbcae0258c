"""True classes of images, against which the model's answers are counted."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lambda_src.core.excerpt import excerpt

IDENTITIES = ("inference_id", "event_id", "s3_key", "digest")
"""What a label may name its image by; one is enough."""
_FIELDS = (*IDENTITIES, "s3_bucket")
_DELIMITERS = ",;\t"
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)


@dataclass(frozen=True)
class Labels:
    """Class by inference id, by (bucket, key) of the image (bucket "" where the label names none), by the
    captured event's id, and by the picture's content: SHA-256, in small hexadecimal letters, of its file or
    of its pixels (reports.figures.images.pixel_digest)."""

    by_id: dict[str, str]
    by_key: dict[tuple[str, str], str]
    images: int
    by_event: dict[str, str] = field(default_factory=dict)
    by_digest: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, lines: Iterable[str]) -> Labels:
        """JSON lines: {"class", and one of IDENTITIES or several, "s3_bucket" if wanted}.

        Further fields are ignored, as those that `scones simulate` writes. ValueError names the line.
        """
        return cls._gathered(_parsed(lines))

    @classmethod
    def read_table(cls, lines: Iterable[str]) -> Labels:
        """CSV whose first line names the same fields. ValueError names the line."""
        lines = list(lines)
        header = lines[0] if lines else ""
        delimiter = max(_DELIMITERS, key=header.count)
        table = csv.DictReader(lines, delimiter=delimiter, skipinitialspace=True)
        try:
            columns = table.fieldnames or ()
        except csv.Error as error:
            raise ValueError(f"labels, line 1: {error}") from None
        if "class" not in columns or not set(IDENTITIES) & set(columns):
            raise ValueError(
                f'labels, line 1: the columns are {excerpt(", ".join(columns))}, not "class" and one of '
                f"{', '.join(IDENTITIES)}"
            )
        return cls._gathered(_rows(table))

    def find(
        self, inference_id: str | None, bucket: str | None, key: str | None, event_id: str | None = None
    ) -> str | None:
        """The class of an image: by its inference or event id, else by its key, in its bucket or in any."""
        for known, id in ((self.by_id, inference_id), (self.by_event, event_id)):
            if id is not None and (found := known.get(id)) is not None:
                return found
        if not key:
            return None
        return self.by_key.get((bucket or "", key), self.by_key.get(("", key)))

    @property
    def classes(self) -> set[str]:
        """All that are given."""
        known = (self.by_id, self.by_key, self.by_event, self.by_digest)
        return {label for labels in known for label in labels.values()}

    @classmethod
    def _gathered(cls, labels: Iterable[tuple[int, Any]]) -> Labels:
        gathered, images = cls({}, {}, 0), 0
        for number, label in labels:
            try:
                gathered._add(label)
            except ValueError as error:
                raise ValueError(f"labels, line {number}: {error}") from None
            images += 1
        return cls(gathered.by_id, gathered.by_key, images, gathered.by_event, gathered.by_digest)

    def _add(self, label: Any) -> None:
        if not isinstance(label, dict) or not isinstance(label.get("class"), str) or not label["class"]:
            raise ValueError('not an object with a text "class"')
        names = {name: label.get(name) for name in _FIELDS}
        for name, value in names.items():
            if value is not None and not isinstance(value, str):
                raise ValueError(f"{name} is {excerpt(value)}, not a text")
        if not any(names[name] for name in IDENTITIES):
            raise ValueError(f"none of {', '.join(IDENTITIES)} says of which image it is")
        if names["digest"]:
            self.by_digest[_digest(names["digest"])] = label["class"]
        if names["inference_id"]:
            self.by_id[names["inference_id"]] = label["class"]
        if names["event_id"]:
            self.by_event[names["event_id"]] = label["class"]
        if names["s3_key"]:
            self.by_key[names["s3_bucket"] or "", names["s3_key"]] = label["class"]


def _digest(text: str) -> str:
    if not (match := _DIGEST.fullmatch(text.strip())):
        raise ValueError(
            f"digest is {excerpt(text)}, not the 64 hexadecimal digits of a SHA-256, as `sha256sum FILE` "
            "prints them"
        )
    return match[1].lower()


def _rows(table: csv.DictReader[str]) -> Iterator[tuple[int, Any]]:
    try:
        for row in table:
            yield table.line_num, row
    except csv.Error as error:
        raise ValueError(f"labels, line {table.line_num}: {error}") from None


def _parsed(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"labels, line {number}: {error}") from None
