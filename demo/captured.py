"""Read what the endpoint captured, as it lies in S3."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DEADLINE_SECONDS = 20.0


def captured_records(s3: S3Client, uri: str, expected: int) -> list[tuple[str, dict[str, Any]]]:
    """Key and record of everything captured under the prefix `uri`, as soon as `expected` records are there.

    Capture is written behind the answer, as on AWS; what is there after DEADLINE_SECONDS is what there is.
    """
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        listed = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in listed for entry in page.get("Contents", [])]
        records = [(key, record) for key in sorted(keys) for record in _read(s3, bucket, key)]
        if len(records) >= expected or time.monotonic() > deadline:
            return records
        time.sleep(0.2)


def await_answers(s3: S3Client, uri: str, expected: int) -> None:
    """Return as soon as the captured records hold `expected` answers, those of packs one an image.

    Raises TimeoutError naming how many came within DEADLINE_SECONDS.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (found := sum(answers(record) for _, record in captured_records(s3, uri, 0))) < expected:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{found} of {expected} answers were captured")
        time.sleep(0.5)


def answers(record: dict[str, Any]) -> int:
    """How many images a record answers for: a pack's answer is a list of lists."""
    output = json.loads(record["captureData"]["endpointOutput"]["data"])
    return len(output) if isinstance(output[0], list | dict) else 1


def _read(s3: S3Client, bucket: str, key: str) -> list[dict[str, Any]]:
    """A capture file holds one record a line, and any number of lines."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return [json.loads(line) for line in body.splitlines() if line]


def shortened(record: dict[str, Any], length: int = 60) -> dict[str, Any]:
    """The record with the image's base64 cut for a person's eyes."""
    captured = json.loads(json.dumps(record))
    for half in captured["captureData"].values():
        data = half["data"]
        if len(data) > length:
            half["data"] = f"{data[:length]}… ({len(data):,} characters)"
    return dict(captured)
