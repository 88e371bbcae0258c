"""Versions of S3 objects: their bytes are on the disk alone. The emulator also kept all of them in memory."""

from __future__ import annotations

from typing import Any

from ministack.services import s3

PRIVATE = (
    "ministack.services.s3:S3_PERSIST",
    "ministack.services.s3:_version_body",
    "ministack.services.s3:_version_entry_from_record",
)


def apply() -> None:
    """Make entries of versions without bytes, as the emulator itself does for those of an earlier start.

    Those of the current version are with its object, those of an older one in a file of its own.
    """
    original = s3._version_entry_from_record

    def entry(record: dict[str, Any], version: str, body: bytes | None) -> dict[str, Any]:
        made: dict[str, Any] = original(record, version, None if s3.S3_PERSIST else body)
        return made

    s3._version_entry_from_record = entry
