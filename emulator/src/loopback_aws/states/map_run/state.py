"""A Distributed Map state's fields, evaluated when the state is entered."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from loopback_aws.states.flow.items import STATE_DATA, Item
from loopback_aws.states.map_run.batches import batches
from loopback_aws.states.map_run.errors import DataLimitExceeded, MapRunError
from loopback_aws.states.map_run.items.reading import read_items
from loopback_aws.states.map_run.s3 import S3
from loopback_aws.states.map_run.spec import MAX_INPUT_BYTES, BatchSpec, ReaderSpec, ToleranceSpec, WriterSpec
from loopback_aws.states.runs.distributed_fields import Fields, Template, with_paths


class InvalidItems(MapRunError):
    """What Items or ItemsPath leads to is neither an array nor an object."""


class UnexpectedItems(InvalidItems):
    """As above, of a JSONata expression."""

    error = "States.QueryEvaluationError"


@dataclass(frozen=True)
class MapState:
    """One entry into the state; `env` has the effective input on its stack."""

    fields: Fields
    env: Any

    @property
    def label(self) -> str:
        """Label; one that is made up when the state has none."""
        return str(self.fields.said.get("Label") or uuid.uuid4())

    def items(self) -> list[Item] | None:
        """Items of the state's input; None when they are to be read from S3. Raises InvalidItems."""
        said = self.fields.said
        if "ItemReader" in said:
            return None
        if self.fields.language == "JSONPath":
            path = said.get("ItemsPath", "$")
            return _items_in(self._at(path), path)
        items = said.get("Items", "{% $states.input %}")
        return _items_in(self._value(items, "Items"), items, jsonata=True)

    def reader(self) -> ReaderSpec:
        """ItemReader. Raises ItemReaderFailed."""
        said = dict(self.fields.said["ItemReader"])
        if isinstance(config := said.get("ReaderConfig"), dict):
            said["ReaderConfig"] = with_paths(config, "MaxItems")
        reader = self._value(said, "ItemReader")
        return ReaderSpec.of(reader.get("Resource", ""), _arguments(reader), reader.get("ReaderConfig"))

    def writer(self) -> WriterSpec | None:
        """ResultWriter; None without one. Raises InvalidField."""
        if "ResultWriter" not in self.fields.said:
            return None
        writer = self._value(self.fields.said["ResultWriter"], "ResultWriter")
        return WriterSpec.of(writer.get("Resource"), _arguments(writer), writer.get("WriterConfig"))

    def tolerance(self) -> ToleranceSpec:
        """The thresholds. Raises InvalidField."""
        names = ("ToleratedFailureCount", "ToleratedFailurePercentage")
        said = with_paths(self.fields.said, *names)
        template = {key: value for key, value in said.items() if key.removesuffix(".$") in names}
        values = self._value(template, "")
        return ToleranceSpec.of(*(_number(values.get(name)) for name in names))

    def inputs(self, items: list[Item] | None, s3: S3) -> Iterator[tuple[str, int]]:
        """(input as JSON text, number of items) of the children, in order. Raises MapRunError."""
        found = read_items(self.reader(), s3) if items is None else iter(items)
        if "ItemBatcher" in self.fields.said:
            for batch in batches(self._selected(found), self._batches()):
                yield _text(batch.input), batch.items
        else:
            for item in self._selected(found):
                yield _text(item), 1

    def _batches(self) -> BatchSpec:
        said = self.fields.said["ItemBatcher"]
        template = with_paths(said, "MaxItemsPerBatch", "MaxInputBytesPerBatch")
        return BatchSpec.of(self._value(template, "ItemBatcher"))

    def _selected(self, items: Iterator[Item]) -> Iterator[Any]:
        """Items as ItemSelector, or the Parameters of older definitions, make them."""
        selector = self.fields.said.get("ItemSelector", self.fields.said.get("Parameters"))
        if selector is None:
            yield from (item.input for item in items)
            return
        template = Template(selector, self.fields.language, "ItemSelector")
        frame = self.env.open_inner_frame()
        frame.states.reset(self.env.states.get_input())
        frame.stack = self.env.stack[-1:]
        context = frame.states.context_object.context_object_data
        try:
            for index, item in enumerate(items):
                key = {} if item.key is None else {"Key": item.key}
                context["Map"] = {"Item": {"Index": index, **key, "Value": item.value, "Source": item.source}}
                yield template.value(frame)
        finally:
            self.env.delete_frame(frame)

    def _value(self, template: Any, field: str) -> Any:
        return Template(template, self.fields.language, field).value(self.env)

    def _at(self, path: str) -> Any:
        """What ItemsPath leads to."""
        try:
            return self._value({"items.$": path}, "ItemsPath")["items"]
        except NoSuchJsonPathError as error:
            error.field = self.env.next_field_name = "ItemsPath"
            raise


def _arguments(fields: dict[str, Any]) -> dict[str, Any]:
    return fields.get("Arguments", fields.get("Parameters")) or {}


def _items_in(given: Any, said: Any, jsonata: bool = False) -> list[Item]:
    if isinstance(given, dict):
        return [Item(value, STATE_DATA, key) for key, value in given.items()]
    if isinstance(given, list):
        return [Item(value, STATE_DATA) for value in given]
    if not jsonata:
        raise InvalidItems(f'Reference path "{said}" must point to array.')
    kinds: dict[type, str] = {str: "string", bool: "boolean", int: "number", float: "number"}
    raise UnexpectedItems(
        f"The JSONata expression '{said}' specified for the field 'Items' returned an unexpected result "
        f"type. Expected 'array', but was '{kinds.get(type(given), 'null')}' for value: {json.dumps(given)}"
    )


def _number(value: Any) -> Any:
    """A threshold that is said as text, as a path may lead to."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(text) * 4 > MAX_INPUT_BYTES and len(text.encode("utf-8", "surrogatepass")) > MAX_INPUT_BYTES:
        raise DataLimitExceeded(
            f"The input of a child execution is larger than the limit of {MAX_INPUT_BYTES} bytes."
        )
    return text
