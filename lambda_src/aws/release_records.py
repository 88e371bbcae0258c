"""Changes of an endpoint as they are written down: an object each."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from lambda_src.aws.s3 import s3_client
from lambda_src.core.releases.serving import Serving

HANDLED_WITHIN = timedelta(minutes=1)
"""For so long another invocation may still be at what it has written down and not told."""


class ReleaseRecords:
    """In the data bucket, below `folder`.

    A change is written down before people are told, and once more after: who comes upon one that was not told
    for a minute tells it, for the invocation that wrote it has ended.
    """

    def __init__(self, bucket: str, folder: str) -> None:
        self._bucket = bucket
        self._folder = folder

    def newest(self) -> dict[str, Any] | None:
        """The last that was written down; None where there is none."""
        newest = None
        for page in (
            s3_client().get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._folder)
        ):
            for listed in page.get("Contents", ()):
                newest = listed["Key"]
        return self._read(newest) if newest else None

    def claim(self, serving: Serving, outcome: str) -> bool:
        """Write down that this change is being told; False where that was done, or is being done."""
        try:
            self._write(serving, outcome, told=False, IfNoneMatch="*")
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "PreconditionFailed":
                raise
            record = self._read(self._key(serving))
            return not record["told"] and datetime.now(UTC) - record["written"] > HANDLED_WITHIN
        return True

    def told(self, serving: Serving, outcome: str) -> None:
        """Write down that people know."""
        self._write(serving, outcome, told=True)

    def _write(self, serving: Serving, outcome: str, *, told: bool, **condition: Any) -> None:
        record = {
            "time": serving.changed.isoformat(),
            "outcome": outcome,
            "endpoint_config": serving.config,
            "model": serving.digest,
            "failure": serving.failure,
            "told": told,
        }
        s3_client().put_object(
            Bucket=self._bucket,
            Key=self._key(serving),
            Body=json.dumps(record, indent=2).encode(),
            ContentType="application/json",
            **condition,
        )

    def _read(self, key: str) -> dict[str, Any]:
        answer = s3_client().get_object(Bucket=self._bucket, Key=key)
        with closing(answer["Body"]) as body:
            return {**json.loads(body.read()), "written": answer["LastModified"]}

    def _key(self, serving: Serving) -> str:
        """Sorted by time."""
        return f"{self._folder}{serving.changed:%Y-%m-%dT%H-%M-%S}-{serving.config}.json"
