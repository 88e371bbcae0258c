"""Executions over many images: start them, and read what is in their files and what people were told."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PIL import Image

from contracts.outputs import BATCH_MACHINE, DATA_BUCKET, FAILURE_TOPIC
from tests.local.deployed import executions
from tests.local.deployed.deployment import RED, picture, read_marked
from tests.local.deployed.emulator import Emulator

OUTCOMES = ("accepted", "low_confidence", "errors")
Row = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """An execution over many images that has ended."""

    description: dict[str, Any]
    files: dict[str, list[Row]]
    """Rows of the three result files; none of a run that did not come so far."""
    plan: list[dict[str, Any]]
    summary: dict[str, Any]

    @property
    def arn(self) -> str:
        return str(self.description["executionArn"])

    @property
    def name(self) -> str:
        return str(self.description["name"])

    @property
    def rows(self) -> list[Row]:
        """All rows by their numbers, each with the file that it is in as `file`."""
        rows = [{**row, "file": outcome} for outcome, found in self.files.items() for row in found]
        return sorted(rows, key=lambda row: row["n"])

    def check(self, listed: int) -> None:
        """Assert that it succeeded, and that each listed entry is in one file, once, and counted."""
        assert self.description["status"] == "SUCCEEDED", self.description
        assert [row["n"] for row in self.rows] == list(range(listed))
        assert {name: len(rows) for name, rows in self.files.items()} == {
            name: self.summary[name] for name in OUTCOMES
        }
        assert self.summary["listed"] == listed


@dataclass(frozen=True)
class Batches:
    """The machine ClassifyBatch of a deployment, and its data bucket."""

    aws: Emulator
    outputs: Mapping[str, str]

    @property
    def bucket(self) -> str:
        return self.outputs[DATA_BUCKET]

    @property
    def machine(self) -> str:
        return self.outputs[BATCH_MACHINE]

    def put(self, objects: Mapping[str, bytes]) -> None:
        """Write objects, by key, to the data bucket."""
        s3 = self.aws.client("s3")
        with ThreadPoolExecutor(8) as threads:
            writes = [
                threads.submit(s3.put_object, Bucket=self.bucket, Key=key, Body=body)
                for key, body in objects.items()
            ]
        for written in writes:
            written.result()

    def start(self, name: str | None = None, **given: Any) -> str:
        """Start a run with the input `given`; its ARN."""
        return executions.start(self.aws, self.machine, given, name)

    def ended(self, arn: str, seconds: float = 120) -> Run:
        """The run once it has ended."""
        description = executions.finished(self.aws, arn, seconds)
        folder = f"results/{description['name']}"
        summary = self._text(f"{folder}/summary.json")
        return Run(
            description=description,
            files={name: self._lines(f"{folder}/{name}.jsonl") for name in OUTCOMES},
            plan=self._lines(f"{folder}/plan.jsonl"),
            summary=json.loads(summary) if summary else {},
        )

    def run(self, **given: Any) -> Run:
        """A run from start to end."""
        return self.ended(self.start(**given))

    def told(self, queue: str, count: int) -> list[dict[str, Any]]:
        """Messages that the topic has sent to `queue` since it was last asked: `count`, or more if it did."""
        return read_marked(self.aws, self.outputs[FAILURE_TOPIC], queue, count)

    def map_run(self, arn: str) -> dict[str, Any]:
        """The run's map run, as DescribeMapRun tells it."""
        states = self.aws.client("stepfunctions")
        (run,) = states.list_map_runs(executionArn=arn)["mapRuns"]
        described: dict[str, Any] = states.describe_map_run(mapRunArn=run["mapRunArn"])
        return described

    def _lines(self, key: str) -> list[Any]:
        return [json.loads(line) for line in self._text(key).splitlines()]

    def _text(self, key: str) -> str:
        s3 = self.aws.client("s3")
        try:
            return str(s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode())
        except s3.exceptions.NoSuchKey:
            return ""


def gif() -> bytes:
    """A GIF of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (32, 32), RED).save(file, "GIF")
    return file.getvalue()


def png(width: int, height: int, pixels: bytes) -> bytes:
    """A PNG whose header says what it likes of the compressed `pixels`."""
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)  # 8 bits a channel, red, green and blue
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


POOR: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "ImageNotFound"),
    "empty": (b"", "UnsupportedImage"),
    "text": (b"I am not an image.\n", "UnsupportedImage"),
    "truncated": (picture(RED)[:50], "UnsupportedImage"),
    "gif": (gif(), "UnsupportedImage"),
    "huge": (png(50_000, 50_000, zlib.compress(bytes(100))), "UnsupportedImage"),
    "damaged": (png(32, 32, b"no pixels at all"), "ModelRejectedImage"),
    "too large": (picture(RED) + bytes(6_291_456), "ImageTooLarge"),
}
"""Kinds of objects that cannot be classified, and the error that each is to have."""
REJECTED = {
    "long key": (json.dumps({"s3_key": "k" * 1025}), "InvalidInput"),
    "no JSON": ('{"s3_key": inbox/a.png}', "InvalidInput"),
}
"""Kinds of lines of a manifest that name no image, and their error."""
