"""The machine that classifies many images, as a burst uses it: one run and its results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from lambda_src.core.batch.rows import OUTCOMES
from lambda_src.core.run.map_results import KINDS, read_result_manifest, read_result_rows
from lambda_src.core.run.records import RESULT_FILES, run_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

CHUNK_BYTES = 256 * 1024


class Run(NamedTuple):
    """What DescribeExecution says; `stopped` is None while it runs."""

    status: str
    started: datetime
    stopped: datetime | None
    error: str | None
    cause: str | None

    @property
    def seconds(self) -> float | None:
        return None if self.stopped is None else (self.stopped - self.started).total_seconds()


@dataclass(frozen=True)
class BatchRun:
    """Clients of the deployment at hand."""

    s3: S3Client
    states: SFNClient
    bucket: str
    machine: str

    def upload(self, key: str, png: bytes) -> None:
        """Put an image into the data bucket."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=png, ContentType="image/png")

    def start(self, execution_name: str, prefix: str) -> str:
        """Start a run over all images below `prefix` of the data bucket; the execution's ARN."""
        given = {"s3_bucket": self.bucket, "s3_prefix": prefix}
        return self.states.start_execution(
            stateMachineArn=self.machine, name=execution_name, input=json.dumps(given)
        )["executionArn"]

    def describe(self, execution: str) -> Run:
        """How the run stands."""
        said = self.states.describe_execution(executionArn=execution)
        return Run(
            said["status"], said["startDate"], said.get("stopDate"), said.get("error"), said.get("cause")
        )

    def batches_done(self, execution: str) -> tuple[int, int]:
        """Batches of its map run that have ended, and all of them; (0, 0) before there is one."""
        runs = self.states.list_map_runs(executionArn=execution)["mapRuns"]
        if not runs:
            return 0, 0
        counts = self.states.describe_map_run(mapRunArn=runs[0]["mapRunArn"])["executionCounts"]
        ended = counts["succeeded"] + counts["failed"] + counts["timedOut"] + counts["aborted"]
        return ended, counts["total"]

    def stop(self, execution: str) -> None:
        """End the run."""
        self.states.stop_execution(executionArn=execution, cause="The simulation was interrupted")

    def results(self, execution_name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Outcome and row of every image, read as a stream."""
        for outcome in OUTCOMES:
            body = self.s3.get_object(Bucket=self.bucket, Key=run_key(execution_name, RESULT_FILES[outcome]))[
                "Body"
            ]
            for line in body.iter_lines(CHUNK_BYTES):
                if line:
                    yield outcome, json.loads(line)

    def batches(self, execution_name: str) -> Iterator[dict[str, Any]]:
        """What ResultWriter kept of each batch, as a stream: input, times, status, output."""
        for key in self._manifests(run_key(execution_name, "batches/")):
            manifest = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            bucket, files = read_result_manifest(manifest)
            for kind in KINDS:
                for file in files[kind]:
                    body = self.s3.get_object(Bucket=bucket, Key=file)["Body"]
                    yield from read_result_rows(body.iter_chunks(CHUNK_BYTES))

    def _manifests(self, prefix: str) -> Iterator[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        for page in pages:
            for found in page.get("Contents", []):
                if found["Key"].endswith("/manifest.json"):
                    yield found["Key"]
