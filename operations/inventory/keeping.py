"""What keeps: buckets, repositories of images, keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.accounts import Account
from operations.aws.errors import error_code
from operations.inventory import prices
from operations.inventory.found import GIB, Found
from operations.inventory.ownership import Ownership, tag_map

COUNTED = 100_000
"""Versions of objects that are looked at to tell a bucket's size."""
WAITING_DAYS = 30
"""How long a key can be taken back, the longest that KMS knows."""


def buckets(account: Account, whose: Ownership) -> Iterator[Found]:
    """Buckets, with the size of all that is in them, old versions too."""
    client = account.client("s3")
    for bucket in account.pages("s3", "list_buckets", "Buckets"):
        name = bucket["Name"]
        if not name.startswith(whose.names.prefix) or not whose.owns(name, _bucket_tags(client, name)):
            continue
        count, size, more = _size(account, name)
        yield Found(
            kind="bucket",
            name=name,
            ids=frozenset({name}),
            monthly=size / GIB * prices.OBJECT_GIB,
            note=f"{'more than ' if more else ''}{count:,} objects and versions, {size:,} bytes",
            holds_data=True,
            delete=partial(_delete_bucket, account, name),
        )


def _bucket_tags(client: Any, name: str) -> dict[str, str]:
    try:
        return tag_map(client.get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError as error:
        if error_code(error) == "NoSuchTagSet":
            return {}
        raise


def _size(account: Account, name: str) -> tuple[int, int, bool]:
    count = size = 0
    for version in account.pages("s3", "list_object_versions", "Versions", Bucket=name):
        if count == COUNTED:
            return count, size, True
        count, size = count + 1, size + version["Size"]
    return count, size, False


def _delete_bucket(account: Account, name: str) -> None:
    """All versions and marks first: a bucket goes only when it is empty."""
    client = account.client("s3")
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        there = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if there:
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in there]
            client.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
    client.delete_bucket(Bucket=name)


def repositories(account: Account, whose: Ownership) -> Iterator[Found]:
    """The repository of serving images, where CodeBuild makes them."""
    client = account.client("ecr")
    for listed in account.pages("ecr", "describe_repositories", "repositories"):
        name, arn = listed["repositoryName"], listed["repositoryArn"]
        if not whose.owns(name, tag_map(client.list_tags_for_resource(resourceArn=arn).get("tags"))):
            continue
        images = list(account.pages("ecr", "describe_images", "imageDetails", repositoryName=name))
        size = sum(image.get("imageSizeInBytes", 0) for image in images)
        yield Found(
            kind="image repository",
            name=name,
            ids=frozenset({name}),
            monthly=size / GIB * prices.IMAGE_GIB,
            note=f"{len(images)} images, {size:,} bytes",
            delete=partial(client.delete_repository, repositoryName=name, force=True),
        )


def keys(account: Account, whose: Ownership) -> Iterator[Found]:
    """The stage's own keys, also those that no alias names any more."""
    client = account.client("kms")
    aliases = {
        alias["TargetKeyId"]: alias["AliasName"]
        for alias in account.pages("kms", "list_aliases", "Aliases")
        if "TargetKeyId" in alias
    }
    for listed in account.pages("kms", "list_keys", "Keys"):
        key = listed["KeyId"]
        described = client.describe_key(KeyId=key)["KeyMetadata"]
        if described["KeyManager"] != "CUSTOMER":
            continue
        said = whose.by_tags(tag_map(client.list_resource_tags(KeyId=key).get("Tags")))
        if said or (said is None and aliases.get(key) == whose.names.key_alias):
            yield _key(client, key, described)


def _key(client: Any, key: str, described: dict[str, Any]) -> Found:
    going: datetime | None = described.get("DeletionDate")
    return Found(
        kind="key",
        name=key,
        ids=frozenset({key, described["Arn"]}),
        monthly=0.0 if going else prices.KEY,
        note=f"deleted on {going:%Y-%m-%d}" if going else "what it encrypted cannot be read without it",
        holds_data=True,
        delete=None
        if going
        else partial(client.schedule_key_deletion, KeyId=key, PendingWindowInDays=WAITING_DAYS),
    )
