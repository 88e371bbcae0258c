"""Objects of S3 are on disk whole or not at all, and a failure of the disk reaches the caller.

The emulator logged what it could not write and answered 200, wrote a body and its metadata one after the
other, and answered with an empty body when it could not read one.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from ministack.services import s3

from loopback_aws.objects import changes, files

PRIVATE = (
    "ministack.services.s3:_delete_persisted_object",
    "ministack.services.s3:_delete_version_file",
    "ministack.services.s3:_key_history_meta",
    "ministack.services.s3:_object_disk_path",
    "ministack.services.s3:_object_meta_from_record",
    "ministack.services.s3:_other_key_disk_path",
    "ministack.services.s3:_persist_delete_marker",
    "ministack.services.s3:_persist_displaced_version",
    "ministack.services.s3:_persist_object",
    "ministack.services.s3:_read_body",
    "ministack.services.s3:_version_body",
    "ministack.services.s3:_version_disk_path",
    "ministack.services.s3:_PERSISTED_BUCKET_DICTS",
)
_log = logging.getLogger("loopback_aws.objects")


def apply() -> None:
    """Put functions that raise OSError in the place of those that swallow it; keep locks of objects, too."""
    s3._persist_object = persist
    s3._persist_delete_marker = persist_delete_marker
    s3._persist_displaced_version = keep_displaced
    s3._delete_persisted_object = delete
    s3._delete_version_file = delete_version
    s3._read_body = body
    s3._version_body = version_body
    s3._PERSISTED_BUCKET_DICTS |= {
        "object_retention": s3._object_retention,
        "object_legal_hold": s3._object_legal_hold,
    }


def persist(bucket: str, key: str, record: dict[str, Any]) -> None:
    """Write the object as it is now: with its body, or the metadata alone when that is on disk already."""
    described = s3._object_meta_from_record(record) | s3._key_history_meta(bucket, key) | {"key": key}
    _write(bucket, key, described, record.get("body"))
    record |= {"body": None, "content_type": sys.intern(record["content_type"])}


def persist_delete_marker(bucket: str, key: str, marker: dict[str, Any]) -> None:
    """Write that the object is hidden; its body is that of an older version from now on."""
    described = {
        "is_delete_marker": True,
        "version_id": marker.get("version_id"),
        "last_modified": marker.get("last_modified", ""),
    }
    _write(bucket, key, described | s3._key_history_meta(bucket, key) | {"key": key}, None)


def _write(bucket: str, key: str, described: dict[str, Any], data: bytes | None) -> None:
    path = _place(bucket, key)
    files.replace(path, described, data)
    changes.settle(bucket, key)
    if other := _other_place(bucket, key, path):
        _cleared(other)


def delete(bucket: str, key: str) -> None:
    """Remove the object's files."""
    path = _place(bucket, key)
    files.remove(path)
    changes.settle(bucket, key)
    if other := _other_place(bucket, key, path):
        _cleared(other)


def keep_displaced(bucket: str, key: str, displaced: dict[str, Any] | None, versioning: str) -> None:
    """Keep the body of the version that another one is about to displace."""
    version = (displaced.get("version_id") or "null") if displaced else None
    if versioning == "Suspended":
        delete_version(bucket, key, "null")
        if version == "null":
            return
    if version and (copy := s3._version_disk_path(bucket, key, version)):
        files.link(_place(bucket, key), Path(copy))


def delete_version(bucket: str, key: str, version: str) -> None:
    """Remove the body of an old version, once nothing that is stored says that it is there."""
    if path := s3._version_disk_path(bucket, key, version):
        changes.afterwards(lambda: _cleared(Path(path)))


def body(bucket: str, key: str, record: dict[str, Any]) -> bytes:
    """The bytes of a current object. OSError when they cannot be read."""
    held = record.get("body")
    return _place(bucket, key).read_bytes() if held is None else bytes(held)


def version_body(holder: dict[str, Any], bucket: str, key: str, version: dict[str, Any]) -> bytes | None:
    """The bytes of a version, None when they are gone. OSError when they cannot be read."""
    current = holder["objects"].get(key)
    if current is not None and (current.get("version_id") or "null") == version["version_id"]:
        return body(bucket, key, current)
    path = s3._version_disk_path(bucket, key, version["version_id"])
    try:
        return Path(path).read_bytes() if path else None
    except FileNotFoundError:
        return None


def _place(bucket: str, key: str) -> Path:
    return Path(s3._object_disk_path(bucket, key))


def _other_place(bucket: str, key: str, path: Path) -> Path | None:
    """Where the key was kept if it was kept under its other name."""
    base = Path(s3.DATA_DIR, s3.get_account_id(), bucket)
    other = s3._other_key_disk_path(str(base), key, str(path))
    return Path(other) if other else None


def _cleared(path: Path) -> None:
    """Remove what nothing refers to any more; where that fails, it only takes room."""
    try:
        if path.is_file():
            files.remove(path)
    except OSError as error:
        _log.warning("%s cannot be removed (%s)", path, error)
