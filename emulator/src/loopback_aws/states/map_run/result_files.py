"""Files of results of one kind, cut at a size, through temporary files so that memory stays as it is."""

from __future__ import annotations

import tempfile
from types import TracebackType
from typing import IO, Any, Self

from boto3.s3.transfer import TransferConfig

from loopback_aws.states.map_run.compact_json import json_bytes
from loopback_aws.states.map_run.s3 import S3
from loopback_aws.states.map_run.spec import OutputType

MAX_FILE_BYTES = 5 * 1000**3
"""5 GB, as AWS documents for individual result files."""
MEMORY_BYTES = 1024**2
"""Above this a file that is being written is on disk."""
TRANSFER = TransferConfig(use_threads=False)
FORMS = {"JSON": (b"[", b",", b"]"), "JSONL": (b"", b"\n", b"\n")}
"""What is before, between and after the values of a file."""


class ResultFiles:
    """`{stem}_0.json`, `{stem}_1.json`, …, each sent when it is full; the last one by `close`."""

    def __init__(self, s3: S3, bucket: str, stem: str, output_type: OutputType, file_bytes: int) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._stem = stem
        self._before, self._between, self._after = FORMS[output_type]
        self._file_bytes = file_bytes
        self._file: IO[bytes] | None = None
        self._sent: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def add(self, value: Any) -> None:
        """Write one more value. Raises what the S3 client raises."""
        text = json_bytes(value)
        if self._file and self._file.tell() + len(self._between + text + self._after) > self._file_bytes:
            self._send(self._file)
        if self._file:
            self._file.write(self._between)
        else:
            self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 - closed by _send
            self._file.write(self._before)
        self._file.write(text)

    def close(self) -> list[dict[str, Any]]:
        """Send what is left; Key and Size in bytes of every file, as the manifest lists them."""
        if self._file:
            self._send(self._file)
        return self._sent

    def _send(self, file: IO[bytes]) -> None:
        file.write(self._after)
        size = file.tell()
        file.seek(0)
        key = f"{self._stem}_{len(self._sent)}.json"
        self._s3.upload_fileobj(file, self._bucket, key, Config=TRANSFER)
        file.close()
        self._file = None
        self._sent.append({"Key": key, "Size": size})
