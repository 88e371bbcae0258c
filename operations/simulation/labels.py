"""The true classes of a simulation's images, for whoever compares them with the captured data."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock
from types import TracebackType

LABELS = "labels.jsonl"


class Labels:
    """Writes labels.jsonl, a line an image: `{"s3_bucket", "s3_key", "inference_id", "class", "drifted"}`.

    The inference id is the captured record's, for an image of a pack with `#` and its place in the pack
    behind it; null for an image that did not come as far as the model. Lines may come from several threads.
    """

    def __init__(self, folder: Path, bucket: str) -> None:
        self._file = (folder / LABELS).open("w", encoding="utf-8")
        self._bucket = bucket
        self._lock = Lock()

    def add(self, key: str, inference_id: str | None, label: str, *, drifted: bool) -> None:
        """One image; nothing once the file is closed."""
        line = {
            "s3_bucket": self._bucket,
            "s3_key": key,
            "inference_id": inference_id,
            "class": label,
            "drifted": drifted,
        }
        with self._lock:
            if not self._file.closed:
                self._file.write(json.dumps(line) + "\n")

    def __enter__(self) -> Labels:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._file.close()
