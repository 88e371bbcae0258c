"""Objects of S3 as text, piece by piece.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html: a file has at most 10 GB,
an item 8 MB; compression is told by the key's ending. Not documented and assumed: text is UTF-8, with or
without a byte order mark; the 10 GB count after decompression.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from loopback_aws.states.map_run.errors import ItemReaderFailed
from loopback_aws.states.map_run.s3 import S3

MAX_ITEM_BYTES = 8 * 1024**2
MAX_FILE_BYTES = 10 * 1000**3
PIECE_BYTES = 64 * 1024
ZSTD = (".zst", ".zstd")


def text_of(arguments: Mapping[str, Any], s3: S3) -> Iterator[str]:
    """Pieces of the object's text, decompressed; `arguments` of GetObject. Raises ItemReaderFailed."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    place = uri(arguments)
    if place.endswith(ZSTD):
        raise ItemReaderFailed(f"{place} is compressed with ZSTD, which is not supported on loopback.")
    size = 0
    with failures_of(place):
        body = s3.get_object(**arguments)["Body"]
        stream = gzip.GzipFile(fileobj=body) if place.endswith(".gz") else body
        try:
            while piece := stream.read(PIECE_BYTES):
                size += len(piece)
                if size > MAX_FILE_BYTES:
                    raise ItemReaderFailed(f"{place} is larger than 10 GB.")
                yield decoder.decode(piece)
            yield decoder.decode(b"", final=True)
        finally:
            body.close()


def lines_of(pieces: Iterator[str]) -> Iterator[str]:
    """Lines without their line feed; what follows the last one only if there is something."""
    rest: list[str] = []
    held = 0
    for piece in pieces:
        *lines, last = piece.split("\n")
        for line in lines:
            yield "".join([*rest, line])
            rest, held = [], 0
        rest.append(last)
        held += len(last)
        if held > MAX_ITEM_BYTES:
            raise ItemReaderFailed("A line is larger than 8 MB, the most that an item may have.")
    if held:
        yield "".join(rest)


def check_size(text: str) -> None:
    """Raise ItemReaderFailed when the text of one item is larger than an item may be."""
    if len(text) * 4 > MAX_ITEM_BYTES and len(text.encode()) > MAX_ITEM_BYTES:
        raise ItemReaderFailed("An item is larger than 8 MB.")


def uri(arguments: Mapping[str, Any]) -> str:
    """`S3://bucket/key`, as the Context object spells it."""
    return f"S3://{arguments['Bucket']}/{arguments['Key']}"


@contextmanager
def failures_of(place: str) -> Iterator[None]:
    """Turn failures of the S3 client, of decompression and of decoding into ItemReaderFailed."""
    try:
        yield
    except ClientError as error:
        raise ItemReaderFailed(service_cause(error)) from error
    except UnicodeDecodeError as error:
        raise ItemReaderFailed(f"{place} is not UTF-8: {error.reason}.") from error
    except (BotoCoreError, OSError, EOFError, zlib.error) as error:
        raise ItemReaderFailed(f"{place} could not be read: {error}") from error


def service_cause(error: ClientError) -> str:
    """The error of S3 as AWS words it in causes."""
    details, metadata = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    return (
        f"{details.get('Message', error)} (Service: Amazon S3; "
        f"Status Code: {metadata.get('HTTPStatusCode')}; Error Code: {details.get('Code')}; "
        f"Request ID: {metadata.get('RequestId')})"
    )
