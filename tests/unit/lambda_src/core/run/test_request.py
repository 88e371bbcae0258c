"""The input of a run over many images: all problems at once, each with the value and the limit."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_src.core.errors import InvalidInput
from lambda_src.core.run.request import FORMS, RunDefaults, read_run_request

DEFAULTS = RunDefaults("data-bucket", 100, 8, 10)
PREFIX = {"s3_prefix": "inbox/"}


def test_defaults_hold_where_the_input_is_silent() -> None:
    request = read_run_request(PREFIX, DEFAULTS)
    assert request.s3_bucket == "data-bucket"
    assert (request.batch_size, request.max_concurrency, request.tolerated_failure_percentage) == (100, 8, 10)
    assert (request.threshold, request.replay_of, request.only) == (None, None, None)
    assert request.described == {"form": "s3_prefix", "s3_bucket": "data-bucket", "s3_prefix": "inbox/"}


def test_null_is_silence_too() -> None:
    optional = (
        "threshold",
        "batch_size",
        "max_concurrency",
        "tolerated_failure_percentage",
        "replay_of",
        "only",
    )
    assert read_run_request(PREFIX | dict.fromkeys(optional), DEFAULTS) == read_run_request(PREFIX, DEFAULTS)


def test_all_that_can_be_given() -> None:
    request = read_run_request(
        {
            "s3_bucket": "other-bucket",
            "images": ["a.png", {"s3_key": "b.png"}, {"s3_bucket": "third", "s3_key": "c.png"}],
            "threshold": 0,
            "batch_size": 1,
            "max_concurrency": 8,
            "tolerated_failure_percentage": 0.5,
            "replay_of": "run-0",
            "only": "ModelFailed",
        },
        DEFAULTS,
    )
    assert request.images == [("other-bucket", "a.png"), ("other-bucket", "b.png"), ("third", "c.png")]
    assert request[4:] == (0, 1, 8, 0.5, "run-0", "ModelFailed")
    assert request.described == {"form": "images"}


@pytest.mark.parametrize("fields", [{"images": []}, {"s3_prefix": ""}, {"manifest_key": "lists/a.jsonl"}])
def test_each_form_alone(fields: dict[str, Any]) -> None:
    request = read_run_request(fields, DEFAULTS)
    given = [name for name in FORMS if getattr(request, name) is not None]
    assert given == list(fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "exactly one of images, s3_prefix and manifest_key says which images to classify: none"),
        (PREFIX | {"images": []}, "not images and s3_prefix together"),
        ({"s3_prefix": None}, "s3_prefix must be a string, not null"),
        ({"s3_prefix": "p" * 1025}, "s3_prefix is 1,025 bytes"),
        ({"s3_prefix": "results/run-1/"}, "s3_prefix 'results/run-1/' lies in results/"),
        (
            {"s3_prefix": "data-capture/"},
            "where the application writes its own files: put the images elsewhere",
        ),
        ({"manifest_key": ""}, "manifest_key is empty"),
        ({"manifest_key": ["a"]}, "manifest_key must be a string"),
        ({"images": "a.png"}, "images must be an array of images, not 'a.png'"),
        ({"images": ["a", 7, {}]}, "images [1] must be an object"),
        ({"images": ["a", 7, {}]}, "images [2] has no s3_key"),
        ({"images": [None] * 9}, "and 4 more"),
        (PREFIX | {"s3-bucket": "b"}, "unknown field 's3-bucket' (known: images, s3_prefix, "),
        (PREFIX | {"s3_bucket": "s3://b"}, "s3_bucket 's3://b' is no bucket name"),
        (PREFIX | {"threshold": 1.5}, "threshold must be a number from 0 to 1, not 1.5"),
        (PREFIX | {"batch_size": 0}, "batch_size must be a whole number from 1 to 1,000, not 0"),
        (PREFIX | {"batch_size": 1001}, "not 1001"),
        (PREFIX | {"batch_size": 2.0}, "not 2.0"),
        (PREFIX | {"batch_size": True}, "not true"),
        (
            PREFIX | {"max_concurrency": 9},
            "from 1 to 8, what the endpoint's instances are set to take at once",
        ),
        (PREFIX | {"tolerated_failure_percentage": 101}, "must be a number from 0 to 100, not 101"),
        (PREFIX | {"tolerated_failure_percentage": float("nan")}, "not nan"),
        (PREFIX | {"replay_of": ""}, "replay_of must be a string of 1 to 256 characters, not ''"),
        (PREFIX | {"only": 5}, "only must be a string"),
    ],
)
def test_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_run_request(fields, DEFAULTS)
    assert words in str(raised.value)
    assert "An input looks like {" in str(raised.value)


def test_all_problems_at_once() -> None:
    with pytest.raises(InvalidInput) as raised:
        read_run_request({"batch_size": 0, "threshold": 2, "surprise": 1}, DEFAULTS)
    assert all(word in str(raised.value) for word in ("batch_size", "threshold", "surprise", "exactly one"))


def test_own_folders_are_those_of_the_data_bucket_only() -> None:
    assert read_run_request({"s3_bucket": "other", "s3_prefix": "results/"}, DEFAULTS).s3_prefix == "results/"
