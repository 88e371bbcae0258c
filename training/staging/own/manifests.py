"""Manifests: SageMaker's augmented ones, or a CSV of path and class.

A line of the first is `{"source-ref": "s3://…", "animal": 0, "animal-metadata": {"class-name": "cat", …}}`.
The class's attribute is the one with metadata beside it, or the only one, or is named.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from contracts.artifact.class_names import MAXIMUM_CLASSES
from contracts.written_text import Line, table
from training.staging.example import StagingError
from training.staging.own.groups import CLASS_COLUMNS, PICTURE_COLUMNS, GroupBy
from training.staging.own.place import Place, inner_path, require_few
from training.staging.sample import LeftOut, Sample, shown
from training.whole_labels import whole_label

SOURCE_REF = "source-ref"
_METADATA = "-metadata"


@dataclass(frozen=True)
class ManifestSource:
    """The pictures of a manifest. Paths are names in `place`; `s3://` addresses are read by `fetch`."""

    name: str
    where: str
    lines: Callable[[], Iterator[Line]]
    place: Place
    fetch: Callable[[str], bytes]
    classes: tuple[str, ...] | None = None
    attribute: str | None = None
    group_by: GroupBy | None = None

    def identity(self) -> dict[str, Any]:
        words = self.group_by.words if self.group_by else None
        return {"dataset": "manifest", "attribute": self.attribute, "group_by": words}

    def samples(self, left_out: LeftOut) -> Iterator[Sample]:
        for found, (number, fields) in enumerate(self._entries(), 1):
            require_few(found, self.where)
            try:
                address, class_name = str(fields[SOURCE_REF]), self._class_name(fields)
                is_s3 = address[:5].lower() == "s3://"
                name = address[5:].partition("/")[2] if is_s3 else inner_path(address)
            except ValueError as error:
                raise StagingError(f"{self.where}, line {number}: {error}.") from error
            group = self.group_by.group(name, _texts(fields)) if self.group_by else None
            if self.group_by and group is None:
                left_out.add("without a group", name)
                continue
            read = partial(self.fetch, address) if is_s3 else partial(self.place.read, name)
            yield Sample(name, class_name, read, group)

    def _entries(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        lines = self.lines()
        first = next((line for line in lines if line.text.strip()), None)
        if first is None:
            return iter(())
        lines = chain([first], lines)
        return self._json(lines) if first.text.lstrip().startswith("{") else self._rows(lines)

    def _json(self, lines: Iterator[Line]) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for number, text in lines:
            if not text.strip():
                continue
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                value = None
            if not isinstance(value, dict) or not isinstance(value.get(SOURCE_REF), str):
                raise StagingError(
                    f'{self.where}, line {number}: expected {{"source-ref": "s3://…"}}, not {shown(text)!r}.'
                )
            yield number, value

    def _rows(self, lines: Iterator[Line]) -> Iterator[tuple[int, Mapping[str, Any]]]:
        rows = table(lines, self.where)
        number, first = next(rows)
        header = [name.lower() if name.lower() in PICTURE_COLUMNS + CLASS_COLUMNS else name for name in first]
        path = next((name for name in PICTURE_COLUMNS if name in header), None)
        if path is None:  # no header
            rows, header, path = chain([(number, first)], rows), ["path", "class"], "path"
        for number, row in rows:
            if len(row) != len(header):
                raise StagingError(f"{self.where}, line {number}: {len(row)} fields, not {len(header)}.")
            fields = dict(zip(header, row, strict=True))
            yield number, fields | {SOURCE_REF: fields[path]}

    def _class_name(self, fields: Mapping[str, Any]) -> str:
        attribute = self.attribute or _only_attribute(fields)
        value = fields.get(attribute)
        metadata = fields.get(f"{attribute}{_METADATA}")
        named = metadata.get("class-name") if isinstance(metadata, dict) else None
        if isinstance(named, str) and named.strip():
            return named.strip()
        classes = self.classes or ()
        if (
            isinstance(value, str)
            and value.strip()
            and (value.strip() in classes or not value.strip().isdigit())
        ):
            return value.strip()
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(f"{attribute} is {shown(json.dumps(value))}, no class: neither name nor number")
        label = whole_label(str(value), len(classes) or MAXIMUM_CLASSES)
        return classes[label] if classes else str(label)


def _only_attribute(fields: Mapping[str, Any]) -> str:
    described = [name for name in fields if f"{name}{_METADATA}" in fields]
    usual = [name for name in CLASS_COLUMNS if name in fields]
    others = [name for name in fields if name != SOURCE_REF and not name.endswith(_METADATA)]
    for candidates in (described, usual[:1], others):
        if len(candidates) == 1:
            return candidates[0]
    raise ValueError(
        f"which of {shown(', '.join(others)) or 'no fields'} is the class? --attribute NAME says it"
    )


def _texts(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in fields.items() if isinstance(value, str | int)}
