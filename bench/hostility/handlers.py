"""The functions' handlers, imported as Lambda does, over an S3 and an endpoint that answer with damage."""

from __future__ import annotations

import importlib
import io
import json
import logging
import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.hostility.mutations import PICTURE, damaged, damaged_bytes, damaged_json
from lambda_src.core.batch import retries
from lambda_src.core.errors import ClassificationError
from lambda_src.core.limits import MAX_STATE_BYTES
from lambda_src.core.probabilities import Answer
from pictures.recordio import image_record

LONGEST_LINE = 16_000
"""Characters of a log line: an error's message and a handful of fields."""
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "DATA_BUCKET": "data-bucket",
    "PACKS_PREFIX": "batch-packs/",
    "ENDPOINT_NAME": "scones-test",
    "CLASS_COUNT": "2",
    "CLASS_NAMES": '["bicycle", "motorcycle"]',
    "THRESHOLD": "0.9",
    "MODEL_DIGEST": "fedcba9876543210" * 4,
    "BATCH_SIZE": "3",
    "MAX_CONCURRENCY": "8",
    "TOLERATED_FAILURE_PERCENTAGE": "10",
}
IMAGES = [[n, "data-bucket", f"{n}.png"] for n in range(3)]
PLACE = {"s3_bucket": "data-bucket", "s3_key": "a.png", "threshold": 0.5}
ROW = {
    "n": 2,
    "s3_bucket": "data-bucket",
    "s3_key": "2.png",
    "outcome": "error",
    "error": "X",
    "cause": "why",
}
PLAN = {
    "plan_bucket": "data-bucket",
    "plan_key": "results/run/plan.jsonl",
    "listed": 3,
    "batches": 1,
    "rejected": 0,
    "started": "2026-11-20T10:00:00.000+00:00",
    "threshold": None,
    "max_concurrency": 4,
    "tolerated_failure_percentage": 10,
    "replay_of": None,
    "only": None,
    "input": {"form": "images"},
}
EVENT = {
    "detail-type": "Object Created",
    "source": "aws.s3",
    "detail": {
        "bucket": {"name": "data-bucket"},
        "object": {"key": "a b.png", "etag": "0" * 32, "sequencer": "0A"},
    },
}
RECORDS = {
    "Records": [
        {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "data-bucket"}, "object": {"key": "a+b%C3%A9.png", "versionId": "v1"}},
        }
    ]
}
INPUTS: dict[str, tuple[str, Any]] = {
    "one image": ("serialize_image", PLACE | {"image_data": ""}),
    "an event on one image": ("serialize_image", EVENT),
    "a batch": ("serialize_image", {"batch": {"batch": 0, "images": IMAGES}, "threshold": None}),
    "one image to ask for": (
        "classify_image",
        PLACE | {"content_type": "image/png", "image_data": "", "inference_id": "i-1"},
    ),
    "a batch to ask for": (
        "classify_image",
        {
            "batch": 0,
            "threshold": None,
            "s3_bucket": "data-bucket",
            "s3_prefix": "batch-packs/run/",
            "packs": [["0-0", IMAGES]],
            "errors": [ROW],
        },
    ),
    "one answer": (
        "filter_predictions",
        PLACE | {"inference_id": "i-1", "inferences": [0.95, 0.05], "model": "f" * 12},
    ),
    "answers of a batch": (
        "filter_predictions",
        {
            "batch": 0,
            "threshold": 0.5,
            "classified": [[*IMAGES[0], "i-1#0", "f" * 12, [0.95, 0.05]]],
            "errors": [ROW],
        },
    ),
    "images to plan": ("plan_batches", {"images": [{"s3_key": "a.png"}, "b.png"], "threshold": 0.5}),
    "a prefix to plan": ("plan_batches", {"s3_prefix": "inbox/", "batch_size": 2, "max_concurrency": 2}),
    "records to plan": ("plan_batches", RECORDS),
    "a manifest to plan": ("plan_batches", {"manifest_key": "list.jsonl", "s3_bucket": "data-bucket"}),
    "results to merge": (
        "merge_results",
        {"plan": PLAN, "results": {"Bucket": "data-bucket", "Key": "results/run/batches/x/manifest.json"}},
    ),
}


def handlers() -> dict[str, tuple[Callable[[random.Random], object], tuple[type[Exception], ...]]]:
    """A trial for each kind of input; modules are imported once, in an environment like a function's."""
    kept = dict(os.environ)
    os.environ.update(ENVIRONMENT)
    try:
        modules = {name: importlib.import_module(f"lambda_src.{name}") for name, _ in INPUTS.values()}
    finally:
        os.environ.clear()
        os.environ.update(kept)
    return {
        f"{name.replace('_', ' ')}: {what}": (_trial(modules[name], fields), (ClassificationError,))
        for what, (name, fields) in INPUTS.items()
    }


def _trial(module: Any, fields: Any) -> Callable[[random.Random], object]:
    """One invocation with a damaged input, or a whole one over damaged answers."""

    def trial(dice: random.Random) -> object:
        event = {"execution_name": "run", "input": fields}
        event = damaged(event, dice) if dice.random() < 0.8 else event
        with _behind(module, Services(dice)), _bounded_log():
            answer = module.handler(event, None)
        text = json.dumps(answer, allow_nan=False)
        if len(text) > MAX_STATE_BYTES:
            raise AssertionError(f"an answer of {len(text):,} bytes was passed on")
        return answer

    return trial


class Services:
    """Files of a run, images and the endpoint, in the places of the functions' own."""

    data_bucket = "data-bucket"

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def _maybe(self, whole: bytes) -> bytes:
        return damaged_bytes(whole, self._dice) if self._dice.random() < 0.5 else whole

    def read_image(self, *place: Any) -> bytes:
        if str(place[-1]).endswith(".rec"):
            return self._maybe(b"".join(image_record(PICTURE, n) for n in range(3)))
        return self._maybe(PICTURE)

    def write_pack(self, *_: Any) -> None:
        return None

    def invoke(self, _body: bytes, content_type: str, _id: str) -> Answer:
        whole: Any = (
            [[0.95, 0.05], {"error": "no"}, [0.5, 0.5]] if "recordio" in content_type else [0.95, 0.05]
        )
        answer = damaged_json(whole, self._dice) if self._dice.random() < 0.5 else json.dumps(whole).encode()
        return Answer(answer, "f" * 12)

    def list_keys(self, *_: Any) -> Iterator[str]:
        yield from ("inbox/a.png", "inbox/b.png")

    def names_below(self, *_: Any) -> list[str]:
        return ["inbox/"]

    def read_chunks(self, _bucket: str, key: str) -> Iterator[bytes]:
        yield self._maybe(_file(str(key)))

    def writer(self, _key: str) -> _Writer:
        return _Writer()

    def put(self, *_: Any) -> None:
        return None


class _Writer(io.BytesIO):
    """Takes what is written and forgets it."""


def _file(key: str) -> bytes:
    if key.endswith("manifest.json"):
        files = {
            "SUCCEEDED": [{"Key": "results/run/batches/x/SUCCEEDED_0.json"}],
            "FAILED": [],
            "PENDING": [],
        }
        return json.dumps({"DestinationBucket": "data-bucket", "ResultFiles": files}).encode()
    if key.endswith("plan.jsonl"):
        return json.dumps({"batch": 0, "images": IMAGES}).encode() + b"\n"
    if "SUCCEEDED" in key:
        rows = [ROW | {"n": n} for n, _, _ in IMAGES]
        child = {"Status": "SUCCEEDED", "Input": '{"batch": {"batch": 0}}'}
        return json.dumps(child | {"Output": json.dumps({"batch": 0, "rows": rows})}).encode() + b"\n"
    return b'"a.png"\n{"s3_key": "b.png"}\n' if key.endswith("list.jsonl") else b""


@contextmanager
def _behind(module: Any, services: Services) -> Iterator[None]:
    """The module's clients exchanged; nothing waits between attempts."""
    places: Sequence[tuple[Any, str, Any]] = [
        (module, "FILES", services),
        (module, "ENDPOINT", services),
        (module, "read_image", services.read_image),
        (module, "write_pack", services.write_pack),
        (module, "s3_client", lambda: None),
        (retries, "RETRY_SECONDS", 0.0),
    ]
    places = [place for place in places if hasattr(place[0], place[1])]
    before = [getattr(where, name) for where, name, _ in places]
    for where, name, value in places:
        setattr(where, name, value)
    try:
        yield
    finally:
        for (where, name, _), value in zip(places, before, strict=True):
            setattr(where, name, value)


class _Length(logging.Handler):
    """The longest line so far, with all its fields."""

    longest = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.longest = max(self.longest, len(str(vars(record) | {"args": ()})) + len(record.getMessage()))


@contextmanager
def _bounded_log() -> Iterator[None]:
    """AssertionError for a line that is longer than a log should be asked to hold."""
    logger, handler = logging.getLogger("scones"), _Length(logging.WARNING)
    propagated, level = logger.propagate, logger.level
    logger.addHandler(handler)
    logger.propagate, logger.level = False, logging.WARNING
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate, logger.level = propagated, level
        if handler.longest > LONGEST_LINE:
            raise AssertionError(f"a log line of {handler.longest:,} characters")
