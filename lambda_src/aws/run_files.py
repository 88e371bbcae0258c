"""The files of a run in S3: listed, read and written as streams, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.core.errors import ClassificationError, ImageAccessDenied, StorageUnavailable
from lambda_src.core.excerpt import one_line
from lambda_src.core.location import address
from lambda_src.core.storage_errors import storage_error

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 256 * 1024
PART_BYTES = 5 * 1024**2
"""Parts of an upload: the least that S3 takes, since memory holds them; 10,000 make an object of 52 GB."""
_AFTER_ALL = "\U0010ffff"
"""Sorts behind whatever a key goes on with."""


def list_keys(s3: S3Client, bucket: str, prefix: str, skipped: Sequence[str] = ()) -> Iterator[str]:
    """Keys of the objects below `prefix`, in order, page by page.

    Without those that end in "/", which consoles make for folders, and without what is in the `skipped`
    folders, which are not walked through. Raises what `storage_error` names.
    """
    place: dict[str, str] = {}
    while True:
        try:
            page = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, **place)  # type: ignore[arg-type]
        except (ClientError, BotoCoreError) as error:
            raise _read_error(error, bucket, prefix) from error
        place = {"ContinuationToken": page["NextContinuationToken"]} if page.get("IsTruncated") else {}
        for entry in page.get("Contents", ()):
            folder = next((folder for folder in skipped if entry["Key"].startswith(folder)), None)
            if folder is not None:
                if place:
                    place = {"StartAfter": folder + _AFTER_ALL}
                continue
            if not entry["Key"].endswith("/"):
                yield entry["Key"]
        if not place:
            return


def read_chunks(s3: S3Client, bucket: str, key: str) -> Iterator[bytes]:
    """An object's bytes, a piece at a time. Raises what `storage_error` names."""
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
        with closing(answer["Body"]) as body:
            yield from body.iter_chunks(CHUNK_BYTES)
    except (ClientError, BotoCoreError) as error:
        raise _read_error(error, bucket, key) from error


class ObjectWriter:
    """An object written in parts: seen whole when the `with` block ends well, never otherwise.

    What was at the key before stays until then. Raises StorageUnavailable, or ImageAccessDenied where writing
    is refused.
    """

    def __init__(self, s3: S3Client, bucket: str, key: str, part_bytes: int = PART_BYTES) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = key
        self._part_bytes = part_bytes
        self._buffer = bytearray()
        self._upload: str | None = None
        self._parts: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._abort()
            return
        try:
            self._complete()
        except BaseException as failure:
            self._abort()
            if isinstance(failure, (ClientError, BotoCoreError)):
                raise _write_error(failure, self._bucket, self._key) from failure
            raise

    def write(self, data: bytes) -> None:
        """Add `data`; a full part is sent."""
        self._buffer += data
        if len(self._buffer) < self._part_bytes:
            return
        try:
            self._send()
        except (ClientError, BotoCoreError) as error:
            raise _write_error(error, self._bucket, self._key) from error

    def _send(self) -> None:
        place: Any = {"Bucket": self._bucket, "Key": self._key}
        if self._upload is None:
            self._upload = self._s3.create_multipart_upload(
                **place, ContentType="application/jsonl", ChecksumAlgorithm="CRC32"
            )["UploadId"]
        number = len(self._parts) + 1
        sent = self._s3.upload_part(
            **place,
            UploadId=self._upload,
            PartNumber=number,
            Body=self._buffer,  # type: ignore[arg-type]  # botocore takes it uncopied
            ChecksumAlgorithm="CRC32",
        )
        said = {name: value for name, value in sent.items() if name in ("ETag", "ChecksumCRC32")}
        self._parts.append({"PartNumber": number, **said})
        self._buffer.clear()

    def _complete(self) -> None:
        if self._upload is None:
            put(self._s3, self._bucket, self._key, self._buffer, "application/jsonl")
            return
        if self._buffer:
            self._send()
        self._s3.complete_multipart_upload(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=self._upload,
            MultipartUpload={"Parts": self._parts},
        )

    def _abort(self) -> None:
        """Give the parts back; when even that fails, the bucket's lifecycle does it."""
        if self._upload is not None:
            with suppress(ClientError, BotoCoreError):
                self._s3.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=self._upload)


def put(s3: S3Client, bucket: str, key: str, body: bytes | bytearray, content_type: str) -> None:
    """Write a small object at once. Raises like ObjectWriter."""
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)  # type: ignore[arg-type]
    except (ClientError, BotoCoreError) as error:
        raise _write_error(error, bucket, key) from error


def _read_error(error: ClientError | BotoCoreError, bucket: str, key: str) -> ClassificationError:
    if isinstance(error, ClientError):
        return storage_error(bucket, key, *_said(error))
    return StorageUnavailable(f"{_where(bucket, key)} could not be read: {error}")


def _write_error(error: ClientError | BotoCoreError, bucket: str, key: str) -> ClassificationError:
    where = _where(bucket, key)
    if not isinstance(error, ClientError):
        return StorageUnavailable(f"{where} could not be written: {error}")
    code, status, message = _said(error)
    said = f"S3 answered {status} {code}: {one_line(message)}"
    if status in (401, 403):
        return ImageAccessDenied(
            f"the function may not write {where}: deploy the workflow stack again. {said}"
        )
    return StorageUnavailable(f"{where} could not be written. {said}")


def _said(error: ClientError) -> tuple[str, int, str]:
    details = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return details.get("Code") or "", status, details.get("Message") or ""


def _where(bucket: str, key: str) -> str:
    return address(bucket, key) if key else f"the bucket {bucket}"
