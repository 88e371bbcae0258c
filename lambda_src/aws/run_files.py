"""The files of a run in S3: listed, read and written as streams, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.aws.s3 import named_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 256 * 1024
PART_BYTES = 5 * 1024**2
"""Parts of an upload: the least that S3 takes, since memory holds them; 10,000 make an object of 52 GB."""
_AFTER_ALL = "\U0010ffff"
"""Sorts behind whatever a key goes on with."""


class RunFiles:
    """Reads of any bucket, and writes to the data bucket. Each raises what `storage_error` names."""

    def __init__(self, s3: S3Client, data_bucket: str) -> None:
        self.data_bucket = data_bucket
        self._s3 = s3

    def list_keys(self, bucket: str, prefix: str, skipped: Sequence[str] = ()) -> Iterator[str]:
        """Keys of the objects below `prefix`, in order, page by page.

        Without those that end in "/", which consoles make for folders, and without what is in the `skipped`
        folders, which are not walked through.
        """
        next_page: dict[str, str] = {}
        while True:
            with named_errors("read", bucket, prefix):
                page = self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix, **next_page)  # type: ignore[arg-type]
            next_page = (
                {"ContinuationToken": page["NextContinuationToken"]} if page.get("IsTruncated") else {}
            )
            for entry in page.get("Contents", ()):
                folder = next((folder for folder in skipped if entry["Key"].startswith(folder)), None)
                if folder is not None:
                    if next_page:
                        next_page = {"StartAfter": folder + _AFTER_ALL}
                    continue
                if not entry["Key"].endswith("/"):
                    yield entry["Key"]
            if not next_page:
                return

    def names_below(self, bucket: str, folder: str) -> list[str]:
        """Up to 1,000 keys and folders right below a folder, in order; folders end in a slash."""
        with named_errors("read", bucket, folder):
            page = self._s3.list_objects_v2(Bucket=bucket, Prefix=folder, Delimiter="/")
        folders = [entry["Prefix"] for entry in page.get("CommonPrefixes", ())]
        keys = [entry["Key"] for entry in page.get("Contents", ()) if entry["Key"] != folder]
        return sorted(folders + keys)

    def read_chunks(self, bucket: str, key: str) -> Iterator[bytes]:
        """An object's bytes, a piece at a time."""
        with named_errors("read", bucket, key):
            answer = self._s3.get_object(Bucket=bucket, Key=key)
            with closing(answer["Body"]) as body:
                yield from body.iter_chunks(CHUNK_BYTES)

    def writer(self, key: str) -> ObjectWriter:
        """A writer of JSON Lines, to be used in a `with` block."""
        return ObjectWriter(self._s3, self.data_bucket, key)

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write a small object at once."""
        with named_errors("written", self.data_bucket, key):
            self._s3.put_object(Bucket=self.data_bucket, Key=key, Body=body, ContentType=content_type)


class ObjectWriter:
    """An object written in parts: seen whole when the `with` block ends well, never otherwise.

    What was at the key before stays until then. Raises what `storage_error` names.
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
            with named_errors("written", self._bucket, self._key):
                self._complete()
        except BaseException:
            self._abort()
            raise

    def write(self, data: bytes) -> None:
        """Add `data`; a full part is sent."""
        self._buffer += data
        if len(self._buffer) >= self._part_bytes:
            with named_errors("written", self._bucket, self._key):
                self._send()

    def _send(self) -> None:
        target: Any = {"Bucket": self._bucket, "Key": self._key}
        if self._upload is None:
            self._upload = self._s3.create_multipart_upload(
                **target, ContentType="application/jsonl", ChecksumAlgorithm="CRC32"
            )["UploadId"]
        number = len(self._parts) + 1
        sent = self._s3.upload_part(
            **target,
            UploadId=self._upload,
            PartNumber=number,
            Body=self._buffer,  # type: ignore[arg-type]  # botocore takes it uncopied
            ChecksumAlgorithm="CRC32",
        )
        sums = {name: value for name, value in sent.items() if name in ("ETag", "ChecksumCRC32")}
        self._parts.append({"PartNumber": number, **sums})
        self._buffer.clear()

    def _complete(self) -> None:
        if self._upload is None:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=self._key,
                Body=self._buffer,  # type: ignore[arg-type]
                ContentType="application/jsonl",
            )
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
