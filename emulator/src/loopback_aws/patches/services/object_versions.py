"""Versions of S3 objects: their bytes are on the disk alone. The emulator also kept all of them in memory."""

from __future__ import annotations

import sys
from typing import Any

from ministack.services import s3

from loopback_aws.objects.versions import Version

PRIVATE = (
    "ministack.services.s3:S3_PERSIST",
    "ministack.services.s3:_buckets",
    "ministack.services.s3:_object_versions",
    "ministack.services.s3:_version_body",
    "ministack.services.s3:_version_entry_from_record",
)


def apply() -> None:
    """Make entries of versions without bytes, as the emulator itself does for those of an earlier start, and
    as views of the objects' records, those of an earlier start, too.

    The bytes of the current version are with its object, those of an older one in a file of its own.
    """
    if not s3.S3_PERSIST:
        return
    s3._version_entry_from_record = entry
    for (account, (bucket, key)), versions in s3._object_versions._data.items():
        current = s3._buckets._data.get((account, bucket), {"objects": {}})["objects"].get(key)
        versions[:] = [_small(version, current) for version in versions]


def entry(record: dict[str, Any], version: str, _body: bytes | None) -> Version:
    """The index's entry for a version that is the object as the record describes it."""
    return Version(record, version)


def _small(version: dict[str, Any], current: dict[str, Any] | None) -> Any:
    """An entry of an earlier start: a view, when it is the current one's, else with names that all share."""
    if current is not None and version["version_id"] == (current.get("version_id") or "null"):
        only_there = ("parts", "replication_status")
        current |= {name: version[name] for name in only_there if version.get(name)}
        return Version(current, version["version_id"], is_latest=version["is_latest"])
    return {sys.intern(name): value for name, value in version.items()}
