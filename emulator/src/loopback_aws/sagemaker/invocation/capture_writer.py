"""Captured records on their way to S3: in the background, so that no invocation waits or fails for them."""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from loopback_aws.sagemaker.invocation.capture_record import Invocation, capture_line, object_key
from loopback_aws.sagemaker.names import split_s3_uri

FLUSH_SECONDS = 1.0
"""Longest time that a record waits for others to share its file."""
FILE_RECORDS = 100
"""Most records of one file."""
FILE_BYTES = 8 * 1024**2
"""Bodies of about this size, in bytes, end a file."""
QUEUE_RECORDS = 10_000
QUEUE_BYTES = 256 * 1024**2
"""Most records, and most bytes of their bodies, that wait: what comes beyond is dropped, and logged."""
_TRIES = 3

_log = logging.getLogger("loopback_aws.sagemaker.capture")

_Entry = tuple[Invocation, dict[str, Any]]


class CaptureWriter:
    """One thread that gathers records by endpoint, variant and destination, and puts them to S3 as files."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self._queue: queue.Queue[_Entry | None] = queue.Queue(QUEUE_RECORDS)
        self._lock = threading.Lock()
        self._bytes = 0
        self._thread = threading.Thread(target=self._run, name="data-capture", daemon=True)
        self._thread.start()

    def offer(self, invocation: Invocation, config: dict[str, Any]) -> None:
        """Take a record if the endpoint's DataCaptureConfig wants it: never blocks, never raises."""
        if not config.get("EnableCapture"):
            return
        if random.random() * 100 >= config["InitialSamplingPercentage"]:
            return
        try:
            self._enqueue(invocation, config)
        except queue.Full:
            _log.error("Dropped a captured record of %s: too many wait", invocation.endpoint)

    def stop(self, seconds: float = 10.0) -> None:
        """Write what waits, then end; what is not written after `seconds` is lost and said so."""
        self._queue.put(None)
        self._thread.join(seconds)
        if self._thread.is_alive():
            _log.error("Captured records were not written within %g seconds", seconds)

    def _run(self) -> None:
        while True:
            batch, stopped = self._gather()
            for entries in _by_file(batch):
                self._write(entries)
                with self._lock:
                    self._bytes -= sum(size_of(invocation) for invocation, _ in entries)
            if stopped:
                return

    def _gather(self) -> tuple[list[_Entry], bool]:
        """Records of up to FLUSH_SECONDS from the first on, and whether the end was asked for."""
        first = self._queue.get()
        if first is None:
            return [], True
        batch, end, size = [first], time.monotonic() + FLUSH_SECONDS, size_of(first[0])
        while len(batch) < FILE_RECORDS and size < FILE_BYTES and (left := end - time.monotonic()) > 0:
            try:
                entry = self._queue.get(timeout=left)
            except queue.Empty:
                break
            if entry is None:
                return batch, True
            batch.append(entry)
            size += size_of(entry[0])
        return batch, False

    def _enqueue(self, invocation: Invocation, config: dict[str, Any]) -> None:
        """Let a record wait; queue.Full when too many do, or their bodies are too large together."""
        size = size_of(invocation)
        with self._lock:
            if self._bytes + size > QUEUE_BYTES:
                raise queue.Full
            self._queue.put_nowait((invocation, config))
            self._bytes += size

    def _write(self, entries: list[_Entry]) -> None:
        invocation, config = entries[0]
        try:
            bucket, prefix = split_s3_uri(config["DestinationS3Uri"])
            lines = "".join(capture_line(invocation, config) for invocation, config in entries)
            key = object_key(prefix, invocation)
            self._put(bucket, key, lines.encode())
        except Exception as error:  # noqa: BLE001 - one bad destination must not end the thread for the others
            _log.error(
                "%d captured records of %s are lost, writing to %s failed: %s",
                len(entries),
                invocation.endpoint,
                config.get("DestinationS3Uri"),
                error,
            )

    def _put(self, bucket: str, key: str, body: bytes) -> None:
        for attempt in range(1, _TRIES + 1):
            try:
                self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/x-jsonlines")
                return
            except ClientError as error:
                if attempt == _TRIES or error.response["Error"]["Code"] in ("NoSuchBucket", "AccessDenied"):
                    raise
            except BotoCoreError:
                if attempt == _TRIES:
                    raise
            time.sleep(0.1 * attempt)


def size_of(invocation: Invocation) -> int:
    """Bytes of a record's bodies."""
    return len(invocation.body) + len(invocation.answer)


def _by_file(batch: list[_Entry]) -> list[list[_Entry]]:
    """The batch split by what decides the file: endpoint, variant and destination, in order of arrival."""
    files: dict[tuple[str, str, str], list[_Entry]] = {}
    for invocation, config in batch:
        name = (invocation.endpoint, invocation.variant, config["DestinationS3Uri"])
        files.setdefault(name, []).append((invocation, config))
    return list(files.values())
