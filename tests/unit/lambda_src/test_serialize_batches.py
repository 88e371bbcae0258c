"""Serialize images: every image in a pack or a row, whatever S3 does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from lambda_src.core.batch import retries
from lambda_src.core.errors import InvalidConfiguration, StorageUnavailable
from tests.aws import Answer, Aws, Request, s3_error
from tests.unit.lambda_src.batches import PNG, batch, container, stock
from tests.unit.lambda_src.conftest import Run

pytestmark = pytest.mark.usefixtures("hurry")


def test_a_second_attempt_writes_the_same_objects(aws: Aws, serialize: Run) -> None:
    keys = stock(aws, 5)
    first = serialize(batch(keys, 3), "run-1")
    objects = dict(aws.objects)
    assert serialize(batch(keys, 3), "run-1") == first
    assert aws.objects == objects


def test_throttled_reads_are_asked_again_in_place(aws: Aws, chain: Callable[..., Any]) -> None:
    keys = stock(aws, 30)
    seen: set[str] = set()

    def once(request: Request) -> Answer | None:
        first = request.path not in seen
        seen.add(request.path)
        return s3_error(503, "SlowDown") if first else None

    aws.answers["GetObject"] = once
    aws.answers["InvokeEndpoint"] = container
    assert all(row["outcome"] == "accepted" for row in chain(keys))


def test_storage_that_is_down_fails_the_batch(
    aws: Aws, serialize: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries.with_retries, "__defaults__", (0.01,))
    aws.answers["GetObject"] = s3_error(503, "SlowDown")
    with pytest.raises(StorageUnavailable):
        serialize(batch([f"{n}.png" for n in range(100)]))
    assert len({request.path for request in aws.requests}) <= 8, "the rest was not begun"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (s3_error(403, "AccessDenied"), InvalidConfiguration, "403 AccessDenied"),
        (s3_error(404, "NoSuchBucket"), InvalidConfiguration, "404 NoSuchBucket"),
        (s3_error(503, "SlowDown"), StorageUnavailable, "503 SlowDown"),
        (s3_error(403, "RequestTimeTooSkewed"), StorageUnavailable, "403 RequestTimeTooSkewed"),
        (Answer(500), StorageUnavailable, "500"),
    ],
)
def test_packs_that_cannot_be_written(
    aws: Aws,
    serialize: Run,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    error: type[Exception],
    words: str,
) -> None:
    monkeypatch.setattr(retries.with_retries, "__defaults__", (0.01,))
    keys = stock(aws, 3)
    aws.answers["PutObject"] = answer
    with pytest.raises(error, match=rf"batch-packs/execution-1/0-0\.rec.* could not be written.*{words}"):
        serialize(batch(keys))


def test_reads_run_beside_each_other(aws: Aws, serialize: Run) -> None:
    together = threading.Barrier(8)

    def eight(_request: Request) -> Answer:
        together.wait(60)
        return Answer(body=PNG)

    aws.answers["GetObject"] = eight
    assert len(serialize(batch([f"{n}.png" for n in range(16)]))["packs"][0][1]) == 16


def test_nothing_is_left_for_the_next_invocation(aws: Aws, chain: Callable[..., Any], serialize: Run) -> None:
    """A batch that fails, then one of other images: warm, in the same process."""
    keys = stock(aws, 20)
    aws.objects["inbox", "3.png"] = b"text"
    aws.answers["PutObject"] = s3_error(403, "AccessDenied")
    with pytest.raises(InvalidConfiguration):
        serialize(batch(keys))
    threads = threading.active_count()
    aws.objects.clear()
    aws.answers.clear()
    aws.requests.clear()
    assert [row["outcome"] for row in chain(stock(aws, 2))] == ["accepted"] * 2
    assert {request.path for request in aws.calls("GetObject")} == {
        "/inbox/0.png",
        "/inbox/1.png",
        "/data-bucket/batch-packs/execution-1/0-0.rec",
    }
    assert threading.active_count() <= threads + 1
