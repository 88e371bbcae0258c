"""Rows of the results of runs over many images, by the inference ids of their packs' images.

Results are read as a stream, however many images a run had.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.core.batch.rows import ACCEPTED, LOW_CONFIDENCE
from lambda_src.core.inference_id import pack_inference_id
from lambda_src.core.run.lines import split_lines
from lambda_src.core.run.records import RESULT_FILES, RESULTS, run_key
from reports.captured.object_stream import ObjectStream, ReadFailed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PACKED = re.compile(r"([0-9a-f]{16})-[^#]*#\d+")
"""`<digest>-<pack>#i`, and `<digest>-<pack>.<start>-<stop>#i` of a pack that was asked for in parts."""
_FOLDERS = 20_000
_WITH_ID = (LOW_CONFIDENCE, ACCEPTED)
"""The fewest first; rows of errors have no id."""
_ID = re.compile(rb'"inference_id"\s*:\s*"([^"\\]*)"')
_MAX_ROW_BYTES = 65_536


def is_packed(inference_id: str) -> bool:
    """Whether this may be the id of an image in a run's pack."""
    return _PACKED.fullmatch(inference_id) is not None


def packed_rows(
    ids: Iterable[str], listed: Iterable[str], s3: S3Client, data_bucket: str
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Id, run and row of the images that have one of these ids, as far as they are found.

    `listed` are names of runs; those that are not among them are looked for by the folders of their results.
    """
    by_digest: dict[str, set[str]] = defaultdict(set)
    for id in ids:
        if match := _PACKED.fullmatch(id):
            by_digest[match[1]].add(id)
    for run in _runs(set(by_digest), listed, s3, data_bucket):
        for id, row in _rows_with(by_digest[_digest(run)], s3, data_bucket, run):
            yield id, run, row


def _runs(digests: set[str], listed: Iterable[str], s3: S3Client, data_bucket: str) -> Iterator[str]:
    """Names of the runs that these digests stand for."""
    missing = set(digests)
    names = _chained(listed, s3, data_bucket)
    while missing and (name := next(names, None)) is not None:
        if (digest := _digest(name)) in missing:
            missing.discard(digest)
            yield name


def _chained(listed: Iterable[str], s3: S3Client, data_bucket: str) -> Iterator[str]:
    """The listed names, then those that folders of results have, asked for only once they are needed."""
    yield from listed
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=data_bucket, Prefix=RESULTS, Delimiter="/"
        )
        folders = (folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", ()))
        for folder in islice(folders, _FOLDERS):
            yield folder.removeprefix(RESULTS).rstrip("/")
    except (ClientError, BotoCoreError):
        return


def _rows_with(
    ids: set[str], s3: S3Client, data_bucket: str, execution: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Id and row of the images of a run that have one of these ids, until all are found.

    None where the results are gone, not merged yet, damaged, or may not be read.
    """
    missing = {id.encode() for id in ids}
    for outcome in _WITH_ID:
        stream = ObjectStream(s3, data_bucket, run_key(execution, RESULT_FILES[outcome]))
        try:
            for line in split_lines(stream.chunks(), _MAX_ROW_BYTES):
                if not missing:
                    return
                match = _ID.search(line or b"")
                if match and match[1] in missing:
                    row = json.loads(line or b"")
                    missing.discard(match[1])
                    yield match[1].decode(), row
        except (ClientError, BotoCoreError, ReadFailed, ValueError):
            continue


def _digest(execution_name: str) -> str:
    return pack_inference_id(execution_name, "").removesuffix("-")
