"""The entries of a listing.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html#itemsource-example-s3-object-data
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from loopback_aws.states.map_run.items.objects import failures_of
from loopback_aws.states.map_run.s3 import S3


def entries(arguments: Mapping[str, Any], s3: S3) -> Iterator[dict[str, Any]]:
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
