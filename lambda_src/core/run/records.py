"""A run over many images: where its files are, what was planned, and what is to be merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from lambda_src.core.batch.rows import ACCEPTED, ERROR, LOW_CONFIDENCE
from lambda_src.core.errors import InvalidInput
from lambda_src.core.excerpt import excerpt
from lambda_src.core.limits import MAX_LISTED

RESULTS = "results/"
PLAN = "plan.jsonl"
REJECTED = "rejected.jsonl"
SUMMARY = "summary.json"
RESULT_FILES = {
    ACCEPTED: "accepted.jsonl",
    LOW_CONFIDENCE: "low_confidence.jsonl",
    ERROR: "errors.jsonl",
}
"""The file that a row goes to, by its outcome."""


class Writer(Protocol):
    """An object that is being written."""

    def write(self, data: bytes) -> None: ...


class Files(Protocol):
    """Objects in S3, read from any bucket and written to the data bucket, all as streams."""

    data_bucket: str

    def list_keys(self, bucket: str, prefix: str, skipped: Sequence[str] = ()) -> Iterator[str]: ...

    def names_below(self, bucket: str, folder: str) -> list[str]: ...

    def read_chunks(self, bucket: str, key: str) -> Iterator[bytes]: ...

    def writer(self, key: str) -> AbstractContextManager[Writer]: ...

    def put(self, key: str, body: bytes, content_type: str) -> None: ...


class Planned(NamedTuple):
    """Output of "Plan batches": where the plan is, what it holds, and how it is to be carried out.

    `listed` counts all entries, those of `rejected` too; `started` is a time in ISO 8601; `input` says where
    the images were listed.
    """

    plan_bucket: str
    plan_key: str
    listed: int
    batches: int
    rejected: int
    started: str
    threshold: float | None
    max_concurrency: int
    tolerated_failure_percentage: float
    replay_of: str | None
    only: str | None
    input: dict[str, str]


class MergeRequest(NamedTuple):
    """What was planned, and bucket and key of ResultWriter's manifest."""

    plan: Planned
    results: tuple[str, str]


def read_planned(value: object) -> Planned:
    """The output of "Plan batches" in the input of "Merge results". Raises InvalidInput."""
    if not isinstance(value, dict) or not set(Planned._fields) <= set(value):
        raise InvalidInput(f"plan must be the output of Plan batches, not {excerpt(value)}")
    planned = Planned(**{name: value[name] for name in Planned._fields})
    for name in ("listed", "batches", "rejected"):
        count = value[name]
        if type(count) is not int or not 0 <= count <= MAX_LISTED:
            raise InvalidInput(
                f"plan.{name} must be a whole number, not {excerpt(count)} (at least 0, at most {MAX_LISTED})"
            )
    for name in ("plan_bucket", "plan_key", "started"):
        if not isinstance(value[name], str):
            raise InvalidInput(f"plan.{name} must be a string, not {excerpt(value[name])}")
    if not _is_time(value["started"]):
        raise InvalidInput(f"plan.started must be a time in ISO 8601, not {excerpt(value['started'])}")
    if not isinstance(value["input"], dict):
        raise InvalidInput(f"plan.input must be an object, not {excerpt(value['input'])}")
    return planned


def _is_time(text: str) -> bool:
    """Whether it is a time with its zone, as "Plan batches" writes it."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def read_merge_request(fields: dict[str, Any]) -> MergeRequest:
    """From `{"plan": <output of Plan batches>, "results": <ResultWriterDetails of the map's output>}`.

    Raises InvalidInput.
    """
    plan, results = read_planned(fields.get("plan")), fields.get("results")
    match results:
        case {"Bucket": str() as bucket, "Key": str() as key}:
            return MergeRequest(plan, (bucket, key))
    raise InvalidInput(
        f"results must be the map's ResultWriterDetails with Bucket and Key, not {excerpt(results)}"
    )


def run_key(execution_name: str, name: str) -> str:
    """Key of a run's file, always the same for an execution: a retried state writes the same once more."""
    return f"{RESULTS}{execution_name}/{name}"
