"""What a Distributed Map state says of its reader, batches, writer and tolerance, with all values evaluated.

Whoever has evaluated the state's templates makes these with `of` from the fields as Amazon States Language
names them; a value out of range is an error that names the field, the value and the range. Sources:
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
https://docs.aws.amazon.com/step-functions/latest/dg/maprun-fail-threshold.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from loopback_aws.states.map_run.errors import InvalidField, ItemReaderFailed, MapRunError

InputType = Literal["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"]
ManifestType = Literal["S3_INVENTORY", "ATHENA_DATA"]
Transformation = Literal["NONE", "COMPACT", "FLATTEN"]
OutputType = Literal["JSON", "JSONL"]

MAX_ITEMS = 100_000_000
MAX_INPUT_BYTES = 262_144
"""256 KiB, the most that an execution takes as its input."""
MAX_HEADER_BYTES = 10_240
DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


@dataclass(frozen=True, kw_only=True)
class ReaderSpec:
    """ItemReader: a listing or an object of S3, and how its content becomes items."""

    resource: str
    """`arn:aws:states:::s3:listObjectsV2` or `arn:aws:states:::s3:getObject`, of any partition."""
    arguments: Mapping[str, Any]
    """Parameters or Arguments: the request as S3's API names it, Bucket and Key or Prefix."""
    input_type: InputType | None = None
    """None: the items are the entries of a listing, or of an S3 inventory."""
    load_and_flatten: bool = False
    """Transformation LOAD_AND_FLATTEN: the items are those inside the listed objects."""
    manifest_type: ManifestType | None = None
    delimiter: str = ","
    """One character."""
    headers: Sequence[str] | None = None
    """Names of the CSV's columns; None when its first row has them."""
    items_pointer: str = ""
    """JSON Pointer to the array, or object, within a JSON object; empty for the whole."""
    max_items: int | None = None
    """None: all of them."""

    @property
    def action(self) -> str:
        """`listObjectsV2` or `getObject`."""
        return self.resource.rpartition(":")[2]

    @classmethod
    def of(cls, resource: str, arguments: Mapping[str, Any], config: Mapping[str, Any] | None) -> ReaderSpec:
        """From ItemReader's Resource, Parameters or Arguments, and ReaderConfig.

        A `MaxItemsPath` is given as the `MaxItems` that it leads to. Raises ItemReaderFailed.
        """
        config = config or {}
        spec = cls(
            resource=resource,
            arguments=arguments,
            input_type=_one_of(
                config, "InputType", ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"), ItemReaderFailed
            ),
            load_and_flatten=_one_of(config, "Transformation", ("NONE", "LOAD_AND_FLATTEN"), ItemReaderFailed)
            == "LOAD_AND_FLATTEN",
            manifest_type=_one_of(config, "ManifestType", ("S3_INVENTORY", "ATHENA_DATA"), ItemReaderFailed),
            delimiter=DELIMITERS[
                _one_of(config, "CSVDelimiter", tuple(DELIMITERS), ItemReaderFailed) or "COMMA"
            ],
            headers=_headers(config),
            items_pointer=config.get("ItemsPointer") or "",
            max_items=_whole(config, "MaxItems", 0, MAX_ITEMS, ItemReaderFailed) or None,
        )
        spec.check()
        return spec

    def check(self) -> None:
        """Raise ItemReaderFailed when the fields do not go together."""
        if self.action not in ("listObjectsV2", "getObject"):
            raise ItemReaderFailed(f"ItemReader cannot use the resource {self.resource}.")
        required = ("Bucket",) if self.action == "listObjectsV2" else ("Bucket", "Key")
        for name in required:
            if not isinstance(self.arguments.get(name), str) or not self.arguments[name]:
                raise ItemReaderFailed(f"ItemReader needs the argument {name} as a string that is not empty.")
        if self.input_type == "PARQUET":
            raise ItemReaderFailed("InputType PARQUET is not supported on loopback; use CSV, JSON or JSONL.")
        if self.load_and_flatten and (self.action != "listObjectsV2" or self.input_type is None):
            raise ItemReaderFailed("Transformation LOAD_AND_FLATTEN needs listObjectsV2 and an InputType.")
        if self.action == "getObject" and self.input_type is None and self.manifest_type != "S3_INVENTORY":
            raise ItemReaderFailed("ReaderConfig needs an InputType to read an object.")
        if self.manifest_type == "S3_INVENTORY" and self.input_type not in (None, "MANIFEST"):
            raise ItemReaderFailed("ManifestType S3_INVENTORY has no InputType.")
        if self.manifest_type == "ATHENA_DATA" and self.input_type not in ("CSV", "JSONL"):
            raise ItemReaderFailed("ManifestType ATHENA_DATA needs the InputType CSV, JSONL or PARQUET.")
        if self.items_pointer and not self.items_pointer.startswith("/"):
            raise ItemReaderFailed(f"ItemsPointer is not a JSON Pointer: {self.items_pointer!r}.")


@dataclass(frozen=True, kw_only=True)
class BatchSpec:
    """ItemBatcher: how many items, or bytes of input, make the input of one child."""

    max_items: int | None = None
    max_bytes: int | None = None
    """Of the child's whole input as JSON text; None: as many as an execution takes."""
    batch_input: Any = field(default=None)
    """Evaluated; given to every child beside its items unless it is None."""

    @classmethod
    def of(cls, batcher: Mapping[str, Any]) -> BatchSpec:
        """From ItemBatcher, its paths and templates resolved to plain field names. Raises InvalidField."""
        spec = cls(
            max_items=_whole(batcher, "MaxItemsPerBatch", 1, MAX_ITEMS, InvalidField),
            max_bytes=_whole(batcher, "MaxInputBytesPerBatch", 1, MAX_INPUT_BYTES, InvalidField),
            batch_input=batcher.get("BatchInput"),
        )
        if spec.max_items is None and spec.max_bytes is None:
            raise InvalidField("ItemBatcher needs MaxItemsPerBatch, MaxInputBytesPerBatch, or both.")
        return spec


@dataclass(frozen=True, kw_only=True)
class WriterSpec:
    """ResultWriter: where results go, and in which form."""

    bucket: str | None = None
    """None: to the state's output."""
    prefix: str = ""
    transformation: Transformation = "NONE"
    output_type: OutputType = "JSON"

    @classmethod
    def of(
        cls, resource: str | None, arguments: Mapping[str, Any] | None, config: Mapping[str, Any] | None
    ) -> WriterSpec:
        """From ResultWriter's Resource, Parameters or Arguments, and WriterConfig. Raises InvalidField."""
        if not resource and config is None:
            raise InvalidField("ResultWriter needs a Resource with its arguments, a WriterConfig, or both.")
        arguments, config = arguments or {}, config or {}
        if resource and resource.rpartition(":")[2] != "putObject":
            raise InvalidField(f"ResultWriter cannot use the resource {resource}.")
        if resource and not arguments.get("Bucket"):
            raise InvalidField("ResultWriter needs the argument Bucket as a string that is not empty.")
        form = _one_of(config, "Transformation", ("NONE", "COMPACT", "FLATTEN"), InvalidField)
        return cls(
            bucket=arguments["Bucket"] if resource else None,
            prefix=arguments.get("Prefix") or "",
            transformation=cast(Transformation, form or "NONE"),
            output_type=_one_of(config, "OutputType", ("JSON", "JSONL"), InvalidField) or "JSON",
        )


@dataclass(frozen=True, kw_only=True)
class ToleranceSpec:
    """ToleratedFailureCount and ToleratedFailurePercentage; the run fails when either is exceeded."""

    count: int | None = None
    percentage: float | None = None
    """0 to 100."""

    @classmethod
    def of(cls, count: Any, percentage: Any) -> ToleranceSpec:
        """From the two evaluated values, None for what is not said. Raises InvalidField."""
        fields = {"ToleratedFailureCount": count, "ToleratedFailurePercentage": percentage}
        if percentage is not None and (
            isinstance(percentage, bool)
            or not isinstance(percentage, int | float)
            or not 0 <= percentage <= 100
        ):
            raise InvalidField(f"ToleratedFailurePercentage must be from 0 to 100, not {percentage!r}.")
        return cls(
            count=_whole(fields, "ToleratedFailureCount", 0, None, InvalidField),
            percentage=None if percentage is None else float(percentage),
        )

    def exceeded(self, failed: int, total: int) -> bool:
        """Whether `failed` of `total` items are more than are tolerated; with neither value none is."""
        if self.count is None and self.percentage is None:
            return failed > 0
        return (self.count is not None and failed > self.count) or (
            self.percentage is not None and total > 0 and failed * 100 > self.percentage * total
        )


def _one_of(fields: Mapping[str, Any], name: str, values: tuple[str, ...], error: type[MapRunError]) -> Any:
    value = fields.get(name)
    if value is not None and value not in values:
        raise error(f"{name} must be one of {', '.join(values)}, not {value!r}.")
    return value


def _whole(
    fields: Mapping[str, Any], name: str, least: int, most: int | None, error: type[MapRunError]
) -> int | None:
    value = fields.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSONata has one kind of number
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least or (most and value > most):
        limits = f"from {least} to {most}" if most else f"of {least} or more"
        raise error(f"{name} must be a whole number {limits}, not {value!r}.")
    return value


def _headers(config: Mapping[str, Any]) -> tuple[str, ...] | None:
    location = _one_of(config, "CSVHeaderLocation", ("FIRST_ROW", "GIVEN"), ItemReaderFailed)
    headers = config.get("CSVHeaders")
    if location != "GIVEN":
        return None
    if not isinstance(headers, list) or not headers or not all(isinstance(name, str) for name in headers):
        raise ItemReaderFailed("CSVHeaderLocation GIVEN needs CSVHeaders, an array of strings.")
    if sum(len(name.encode()) for name in headers) > MAX_HEADER_BYTES:
        raise ItemReaderFailed("CSVHeaders are larger than 10 KiB.")
    return tuple(headers)
