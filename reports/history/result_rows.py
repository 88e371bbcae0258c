"""Rows of a run's results by their inference id, read as a stream, however many images the run had."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.core.batch.lines import split_lines
from lambda_src.core.batch.rows import ACCEPTED, LOW_CONFIDENCE, RESULT_FILES, run_key
from reports.captured.object_stream import ObjectStream, ReadFailed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_WITH_ID = (LOW_CONFIDENCE, ACCEPTED)
"""The fewest first; rows of errors have no id."""
_ID = re.compile(rb'"inference_id"\s*:\s*"([^"\\]*)"')
_MAX_ROW_BYTES = 65_536


def rows_with(
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
