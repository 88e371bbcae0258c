"""From what the state says of its data set to the items in it; all are streamed.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from loopback_aws.states.flow.items import Item
from loopback_aws.states.map_run.errors import ItemReaderFailed
from loopback_aws.states.map_run.items.csv_rows import rows
from loopback_aws.states.map_run.items.json_document import elements
from loopback_aws.states.map_run.items.json_text import parse
from loopback_aws.states.map_run.items.manifests import athena_files, inventory
from loopback_aws.states.map_run.items.objects import failures_of, lines_of, text_of, uri
from loopback_aws.states.map_run.s3 import S3
from loopback_aws.states.map_run.spec import MAX_ITEMS, ReaderSpec


def read_items(config: ReaderSpec, s3: S3) -> Iterator[Item]:
    """Items one by one as they are read from S3; at most `max_items`. Raises ItemReaderFailed, midway too."""
    return islice(_items(config, s3), config.max_items or MAX_ITEMS)


def _items(config: ReaderSpec, s3: S3) -> Iterator[Item]:
    if config.action == "listObjectsV2":
        return _of_listing(config, s3)
    if config.manifest_type == "ATHENA_DATA":
        return _of_athena_manifest(config, s3)
    if config.manifest_type == "S3_INVENTORY" or config.input_type == "MANIFEST":
        return _of_inventory(config, s3)
    return _of_object(config, config.arguments, s3)


def _of_listing(config: ReaderSpec, s3: S3) -> Iterator[Item]:
    bucket = config.arguments["Bucket"]
    for entry in _entries(config.arguments, s3):
        if not config.load_and_flatten:
            yield Item(entry, f"S3://{bucket}")
        elif not entry["Key"].endswith("/"):  # what the console makes for a folder has no content
            yield from _of_object(config, _same_owner(config, {"Bucket": bucket, "Key": entry["Key"]}), s3)


def _of_athena_manifest(config: ReaderSpec, s3: S3) -> Iterator[Item]:
    for file in athena_files(text_of(config.arguments, s3)):
        yield from _of_object(config, _same_owner(config, file), s3)


def _of_inventory(config: ReaderSpec, s3: S3) -> Iterator[Item]:
    manifest = inventory(text_of(config.arguments, s3))
    for file in manifest.files:
        arguments = _same_owner(config, file)
        yield from _rows(config, arguments, s3, config.headers or manifest.columns)


def _of_object(config: ReaderSpec, arguments: Mapping[str, Any], s3: S3) -> Iterator[Item]:
    source = uri(arguments)
    match config.input_type:
        case "JSON":
            pairs = elements(text_of(arguments, s3), config.items_pointer)
            return (Item(value, source, key) for key, value in pairs)
        case "JSONL":
            return (Item(value, source) for value in _lines(text_of(arguments, s3)))
        case "CSV":
            return _rows(config, arguments, s3, config.headers)
        case _:
            raise ItemReaderFailed(f"InputType {config.input_type} cannot be read from {source}.")


def _rows(
    config: ReaderSpec, arguments: Mapping[str, Any], s3: S3, headers: Sequence[str] | None
) -> Iterator[Item]:
    found = rows(text_of(arguments, s3), config.delimiter, headers)
    return (Item(row, uri(arguments)) for row in found)


def _same_owner(config: ReaderSpec, file: dict[str, str]) -> dict[str, Any]:
    owner = config.arguments.get("ExpectedBucketOwner")
    return {**file, "ExpectedBucketOwner": owner} if owner else file


def _entries(arguments: Mapping[str, Any], s3: S3) -> Iterator[dict[str, Any]]:
    """What ListObjectsV2 says of each object, page by page; `LastModified` in seconds since the epoch."""
    request = dict(arguments)
    while True:
        with failures_of(f"S3://{arguments['Bucket']}"):
            page = s3.list_objects_v2(**request)
        for content in page.get("Contents", ()):
            yield {
                "Etag": content["ETag"],
                "Key": content["Key"],
                "LastModified": int(content["LastModified"].timestamp()),
                "Size": content["Size"],
                "StorageClass": content.get("StorageClass", "STANDARD"),
            }
        if not page.get("IsTruncated"):
            return
        request["ContinuationToken"] = page["NextContinuationToken"]


def _lines(pieces: Iterator[str]) -> Iterator[Any]:
    """The values of a JSON Lines file, one a line; a blank line is none (not documented, assumed)."""
    return (parse(line) for line in lines_of(pieces) if line.strip())
