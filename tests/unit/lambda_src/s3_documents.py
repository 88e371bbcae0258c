"""S3's two documents on a new object, as AWS documents them."""

from __future__ import annotations

from typing import Any


def eventbridge(
    key: str, *, bucket: str = "data-bucket", version: str | None = "v1", sequencer: str = "0A"
) -> Any:
    """The event that EventBridge brings; without `version`, of a bucket without versions."""
    versions = {} if version is None else {"version-id": version}
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2026-11-12T00:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": 5, "etag": "e" * 32, "sequencer": sequencer, **versions},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "1.2.3.4",
            "reason": "PutObject",
        },
    }


def notification(*keys: str, bucket: str = "data-bucket", event: str = "ObjectCreated:Put") -> Any:
    """S3's own notification of keys, which are URL-encoded."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "us-east-1",
                "eventTime": "2026-11-12T00:00:00.000Z",
                "eventName": event,
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": "pictures",
                    "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": {"key": key, "size": 5, "eTag": "e" * 32, "sequencer": f"0A{number}"},
                },
            }
            for number, key in enumerate(keys)
        ]
    }
