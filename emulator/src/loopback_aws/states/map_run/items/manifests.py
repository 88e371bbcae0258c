"""Files that a manifest names: an S3 inventory's, or those of an Athena UNLOAD.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html#itemsource-example-s3-inventory
https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
https://docs.aws.amazon.com/athena/latest/ug/unload.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loopback_aws.states.map_run.errors import ItemReaderFailed
from loopback_aws.states.map_run.items.csv_rows import records
from loopback_aws.states.map_run.items.json_text import parse


@dataclass(frozen=True)
class Inventory:
    """What an S3 inventory's manifest.json says."""

    columns: tuple[str, ...]
    files: tuple[dict[str, str], ...]
    """Bucket and Key of each."""


def inventory(pieces: Iterator[str]) -> Inventory:
    """The manifest of an S3 inventory, which must be in CSV. Raises ItemReaderFailed."""
    manifest = parse("".join(pieces))
    try:
        if manifest["fileFormat"] != "CSV":
            raise ItemReaderFailed(f"The S3 inventory must be in CSV, not in {manifest['fileFormat']}.")
        bucket = manifest["destinationBucket"].rpartition(":")[2]
        columns = tuple(column.strip() for column in manifest["fileSchema"].split(","))
        files = tuple({"Bucket": bucket, "Key": file["key"]} for file in manifest["files"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ItemReaderFailed(f"The manifest is none of an S3 inventory: {error!r}") from error
    return Inventory(columns, files)


def athena_files(pieces: Iterator[str]) -> Iterator[dict[str, str]]:
    """Bucket and Key of the data files that an Athena manifest lists, one S3 URI a line."""
    for fields in records(pieces, ","):
        address = fields[0].strip()
        if not address:
            continue
        scheme, _, path = address.partition("://")
        bucket, _, key = path.partition("/")
        if scheme.lower() != "s3" or not key:
            raise ItemReaderFailed(f"The Athena manifest names no S3 object: {address!r}")
        yield {"Bucket": bucket, "Key": key}
