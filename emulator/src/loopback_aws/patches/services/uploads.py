"""Multipart uploads of S3 are on disk; the emulator held them, and their parts' bytes, in memory alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from ministack.services import s3

from loopback_aws.objects import changes, uploads

PRIVATE = (
    "ministack.services.s3:_abort_multipart_upload",
    "ministack.services.s3:_complete_multipart_upload",
    "ministack.services.s3:_create_multipart_upload",
    "ministack.services.s3:_multipart_uploads",
    "ministack.services.s3:S3_PERSIST",
)


def apply() -> None:
    """Keep uploads beside the objects, by account and id; bring back those that were in progress."""
    if not s3.S3_PERSIST:
        return
    create = s3._create_multipart_upload

    def kept(bucket: str, key: str, headers: dict[str, str]) -> Any:
        answer = create(bucket, key, headers)
        if answer[0] == 200:
            account, name = next(reversed(s3._multipart_uploads._data))
            try:
                uploads.keep(_folder() / account / name, s3._multipart_uploads[name])
            except OSError:
                del s3._multipart_uploads[name]
                raise
        return answer

    s3._create_multipart_upload = kept
    s3._complete_multipart_upload = _ending(s3._complete_multipart_upload)
    s3._abort_multipart_upload = _ending(s3._abort_multipart_upload)
    for folder, upload in uploads.kept(_folder()):
        s3._multipart_uploads._data[(folder.parent.name, folder.name)] = upload


def _ending(operation: Any) -> Any:
    """Remove what was kept of an upload when the operation that ends it is done."""

    def ended(bucket: str, key: str, *more: Any) -> Any:
        before = dict(s3._multipart_uploads.items())
        answer = operation(bucket, key, *more)
        for name in before:
            if name not in s3._multipart_uploads:
                folder = _folder() / s3.get_account_id() / name
                changes.afterwards(partial(uploads.forget, folder))
        return answer

    return ended


def _folder() -> Path:
    return Path(s3.DATA_DIR).parent / "uploads"
