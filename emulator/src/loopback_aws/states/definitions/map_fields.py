"""Fields of a Map state that are objects: where items come from, how they are batched, where results go.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html and its pages on ItemReader,
ItemBatcher and ResultWriter.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopback_aws.states.definitions.diagnostics import NOT_EMULATED, Diagnostic
from loopback_aws.states.definitions.paths import payload, reference_path, template
from loopback_aws.states.definitions.shapes import Shape, Value
from loopback_aws.states.definitions.values import anything, each, one_of, text, whole

LARGEST_BATCH = 262_144
"""Bytes."""
MOST_ITEMS = 100_000_000
NUMBER_PATH = reference_path(context=False)
READERS = ("s3:getObject", "s3:listObjectsV2")
WRITERS = ("s3:putObject",)


def _headers(value: Value) -> Iterator[Diagnostic]:
    if not value.is_expression:
        yield from each(text, empty=False)(value)


_READER_CONFIG = Shape(
    fields={
        "Comment": anything,
        "InputType": one_of("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET", expressions=True),
        "Transformation": one_of("NONE", "LOAD_AND_FLATTEN", expressions=True),
        "ManifestType": one_of("S3_INVENTORY", "ATHENA_DATA", expressions=True),
        "CSVDelimiter": one_of("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB", expressions=True),
        "CSVHeaderLocation": one_of("FIRST_ROW", "GIVEN", expressions=True),
        "CSVHeaders": _headers,
        "ItemsPointer": text,
        "MaxItems": whole(0, MOST_ITEMS),
    },
    jsonpath={"MaxItemsPath": NUMBER_PATH},
    one_of=(("MaxItems", "MaxItemsPath"),),
)
_ITEM_READER = Shape(
    fields={"Comment": anything, "Resource": text, "ReaderConfig": _READER_CONFIG},
    jsonpath={"Parameters": template},
    jsonata={"Arguments": anything},
    required=("Resource",),
)
ITEM_BATCHER = Shape(
    fields={
        "Comment": anything,
        "BatchInput": payload,
        "MaxItemsPerBatch": whole(0),
        "MaxInputBytesPerBatch": whole(0, LARGEST_BATCH),
    },
    jsonpath={"MaxItemsPerBatchPath": NUMBER_PATH, "MaxInputBytesPerBatchPath": NUMBER_PATH},
    one_of=(
        ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
        ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ),
    needs_one_of=(
        ("MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ),
)
_WRITER_CONFIG = Shape(
    fields={
        "Transformation": one_of("NONE", "COMPACT", "FLATTEN", expressions=True),
        "OutputType": one_of("JSON", "JSONL", expressions=True),
    }
)
_RESULT_WRITER = Shape(
    fields={"Comment": anything, "Resource": text, "WriterConfig": _WRITER_CONFIG},
    jsonpath={"Parameters": template},
    jsonata={"Arguments": anything},
    needs_one_of=(("Resource", "WriterConfig"),),
)
PROCESSOR_CONFIG = Shape(
    fields={"Mode": one_of("INLINE", "DISTRIBUTED"), "ExecutionType": one_of("STANDARD", "EXPRESS")}
)


def item_reader(value: Value) -> Iterator[Diagnostic]:
    """Shape, headers of a CSV file, and what is not read here."""
    yield from _ITEM_READER(value)
    if isinstance(value.of, dict):
        yield from _resource(value, READERS)
        config = value.of.get("ReaderConfig")
        if isinstance(config, dict):
            yield from _reader_config(value.at("ReaderConfig"))


def result_writer(value: Value) -> Iterator[Diagnostic]:
    yield from _RESULT_WRITER(value)
    if isinstance(value.of, dict) and "Resource" in value.of:
        yield from _resource(value, WRITERS)


def _reader_config(value: Value) -> Iterator[Diagnostic]:
    if value.of.get("CSVHeaderLocation") == "GIVEN" and "CSVHeaders" not in value.of:
        yield from value.problem("These fields are required: [CSVHeaders]")
    if value.of.get("InputType") == "PARQUET":
        yield _not_emulated("InputType PARQUET of an ItemReader", value.at("InputType"))


def _resource(value: Value, known: tuple[str, ...]) -> Iterator[Diagnostic]:
    resource = value.of.get("Resource")
    if isinstance(resource, str) and not resource.endswith(tuple(f":states:::{name}" for name in known)):
        yield _not_emulated(f"the resource {resource}", value.at("Resource"))


def _not_emulated(what: str, value: Value) -> Diagnostic:
    return Diagnostic(
        code=NOT_EMULATED, message=f"the local AWS does not emulate {what}", location=value.path
    )
