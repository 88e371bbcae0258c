"""S3 buckets of CloudFormation: their tags are kept, and one that is not empty is not deleted."""

from __future__ import annotations

from typing import Any

from ministack.services import s3
from ministack.services.cloudformation import provisioners

PRIVATE = (
    "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS.AWS::S3::Bucket",
    "ministack.services.s3:_bucket_tags",
    "ministack.services.s3:_buckets",
    "ministack.services.s3:_delete_bucket",
)


def apply() -> None:
    """Wrap the emulator's handlers of AWS::S3::Bucket."""
    original = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        name, attributes = original["create"](logical_id, properties, stack)
        tag(name, properties)
        return name, attributes

    def update(name: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Any:
        name, attributes = original["update"](name, old, new, stack)
        tag(name, new)
        return name, attributes

    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"] = original | {
        "create": create,
        "update": update,
        "delete": delete,
    }


def tag(name: str, properties: dict[str, Any]) -> None:
    """Give the bucket the template's tags, and no other."""
    s3._bucket_tags[name] = {item["Key"]: item["Value"] for item in properties.get("Tags") or []}


def delete(name: str, _: dict[str, Any]) -> None:
    """Delete an empty bucket with everything about it; as on AWS, refuse one with objects or versions."""
    if name not in s3._buckets:
        return
    status, _headers, _body = s3._delete_bucket(name)
    if status >= 400:
        raise RuntimeError(
            f"The bucket {name} you tried to delete is not empty. You must delete all versions in the bucket."
        )
