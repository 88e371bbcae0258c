"""Where the page and the numbers go: under the time of the run, and as the latest ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reports.document import Numbers
from reports.page import render_page

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LATEST = "latest"
_TYPES = {"html": "text/html; charset=utf-8", "json": "application/json"}


def publish(s3: S3Client, bucket: str, prefix: str, numbers: Numbers, now: datetime, *, console: bool) -> str:
    """Write {prefix}yyyy/mm/dd/hhmm.{html,json} (UTC), then {prefix}latest.{html,json}; the dated page's key.

    `console` as for render_page. Whoever is interrupted writes the same again: what is there already is
    replaced.
    """
    text = json.dumps(numbers, allow_nan=False, ensure_ascii=False, indent=1)
    content = {
        "html": render_page(numbers, console=console).encode(),
        "json": text.encode(errors="backslashreplace"),  # half a letter in a key: \ud83d, as JSON writes it
    }
    dated = f"{prefix}{now.astimezone(UTC):%Y/%m/%d/%H%M}"
    for name in (dated, f"{prefix}{LATEST}"):
        for kind, body in content.items():
            s3.put_object(
                Bucket=bucket,
                Key=f"{name}.{kind}",
                Body=body,
                ContentType=_TYPES[kind],
                CacheControl="no-cache",
            )
    return f"{dated}.html"


def is_published(s3: S3Client, bucket: str, prefix: str) -> bool:
    """Whether numbers of an earlier run are there."""
    key = f"{prefix}{LATEST}.json"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
    return any(entry["Key"] == key for entry in listed.get("Contents", ()))
