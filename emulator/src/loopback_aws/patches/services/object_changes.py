"""Requests to S3 that fail leave all as it was, tell nobody, and are answered with an error that says why."""

from __future__ import annotations

import contextvars
import re
import sys
from typing import Any
from xml.sax.saxutils import unescape

from ministack.services import s3

from loopback_aws.disk import refusal
from loopback_aws.objects import changes
from loopback_aws.objects.changes import Change

PRIVATE = (
    "ministack.services.s3:_buckets",
    "ministack.services.s3:_delete_object_version",
    "ministack.services.s3:_dispatch",
    "ministack.services.s3:_error",
    "ministack.services.s3:_fire_s3_event_async",
    "ministack.services.s3:_in_account",
    "ministack.services.s3:_multipart_uploads",
    "ministack.services.s3:_object_acl",
    "ministack.services.s3:_object_annotations",
    "ministack.services.s3:_object_legal_hold",
    "ministack.services.s3:_object_retention",
    "ministack.services.s3:_object_tags",
    "ministack.services.s3:_object_versions",
    "ministack.services.s3:_record_delete_marker",
    "ministack.services.s3:_record_object_version",
)
_KEY = re.compile(r"<(?:\w+:)?Key>(.*?)</(?:\w+:)?Key>", re.DOTALL)


def apply() -> None:
    """Wrap the emulator's way into S3, and what it does there to objects that no request names."""
    s3._dispatch = _answering(s3._dispatch)
    s3._fire_s3_event_async = _once_it_is_done(s3._fire_s3_event_async)
    for name in ("_record_object_version", "_record_delete_marker"):
        setattr(s3, name, _remembering_displaced(getattr(s3, name)))
    s3._delete_object_version = _remembering(s3._delete_object_version)


def _answering(dispatch: Any) -> Any:
    """InternalError, which SDKs try again before they raise it, for whatever the disk refuses."""

    def answer(
        method: str, bucket: str, key: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Any:
        change, bucket = Change(s3), sys.intern(bucket)  # one name for all that is kept of its objects
        if method not in ("GET", "HEAD"):
            for each in [key] if key else keys_to_delete(body) if "delete" in query else []:
                change.remember(bucket, each)
        uploads = _Uploads(query)
        made = bucket in s3._buckets
        try:
            return changes.within(change, lambda: dispatch(method, bucket, key, headers, body, query))
        except OSError as error:
            uploads.restore()
            if method == "PUT" and not key and not made:
                s3._buckets.pop(bucket, None)
            return s3._error("InternalError", refusal(error, s3.DATA_DIR), 500, f"/{bucket}/{key}")

    return answer


class _Uploads:
    """The multipart upload that a request is about: it goes on when its completion failed."""

    def __init__(self, query: dict[str, Any]) -> None:
        [self._name] = query.get("uploadId") or [""]
        self._upload = s3._multipart_uploads.get(self._name)

    def restore(self) -> None:
        if self._upload is not None:
            s3._multipart_uploads[self._name] = self._upload


def _once_it_is_done(fire: Any) -> Any:
    """Tell of a change after it is done, in the context in which it was made."""

    def fire_later(*arguments: Any, **named: Any) -> None:
        context = contextvars.copy_context()
        changes.afterwards(lambda: context.run(fire, *arguments, **named))

    return fire_later


def _remembering(delete: Any) -> Any:
    """Remember a key before each deletion of one of its versions: a request may delete several."""

    def deleted(holder: dict[str, Any], bucket: str, key: str, version: str) -> Any:
        if change := changes.current():
            change.remember(bucket, key)
        return delete(holder, bucket, key, version)

    return deleted


def _remembering_displaced(record: Any) -> Any:
    """Remember the object before a new one, or a marker, takes its place: a form's, or a replica."""

    def recorded(bucket: str, key: str, displaced: dict[str, Any] | None, *more: Any) -> Any:
        if change := changes.current():
            change.remember_displaced(bucket, key, displaced)
        return record(bucket, key, displaced, *more)

    return recorded


def keys_to_delete(body: bytes) -> list[str]:
    """Keys that a request for the deletion of several objects names."""
    text = body.decode("utf-8", "replace")
    return [unescape(found, {"&quot;": '"', "&apos;": "'"}) for found in _KEY.findall(text)]
