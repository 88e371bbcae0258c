"""Custom::S3AutoDeleteObjects, which CDK adds for `auto_delete_objects`, answered in this process.

On AWS it is a Node function that uses the AWS SDK for JavaScript, which AWS's runtime brings and this
machine need not have. What it does is done here instead; the function is deployed but never called.
"""

from __future__ import annotations

import os
import uuid
from typing import Any

import boto3

TYPE = "Custom::S3AutoDeleteObjects"
TAG = "aws-cdk:auto-delete-objects"


def handlers() -> dict[str, dict[str, Any]]:
    """Resource type -> its create, update and delete."""
    return {TYPE: {"create": create, "update": update, "delete": delete}}


def create(logical_id: str, _: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
    """Nothing to do until the resource goes."""
    return f"{stack}-{logical_id}-{uuid.uuid4().hex[:12]}", {}


def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], _: str) -> tuple[str, dict[str, Any]]:
    """A changed bucket name means that the old bucket is about to be deleted."""
    if old.get("BucketName") != new.get("BucketName"):
        empty(old["BucketName"])
    return physical_id, {}


def delete(_: str, properties: dict[str, Any]) -> None:
    """Empty the bucket before CloudFormation deletes it."""
    empty(properties["BucketName"])


def empty(bucket: str) -> None:
    """Delete every object, version and delete marker of a bucket that carries CDK's tag, as CDK's handler."""
    s3 = boto3.resource("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])
    try:
        tags = {tag["Key"]: tag["Value"] for tag in s3.BucketTagging(bucket).tag_set}
    except s3.meta.client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchBucket", "NoSuchTagSet"):
            return
        raise
    if tags.get(TAG) == "true":
        s3.Bucket(bucket).object_versions.delete()
