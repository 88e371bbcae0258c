"""The last verification of a stage, kept and shown where it was of the report's model."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reports.document import Numbers, Verification
from reports.history.verification import KEY, keep_verification, with_verification
from reports.markdown import render_markdown
from reports.page.render import render_page
from reports.page.wording import SPACE
from tests.aws import Aws, s3_error
from tests.unit.reports.clients import client
from tests.unit.reports.samples import sample_numbers

BUCKET = "data-bucket"
DIGEST = "3f1c9a0be27d"
VERIFIED: Verification = {
    "time": "2026-12-01T19:20:00Z",
    "model": DIGEST,
    "pictures": 16,
    "as_expected": 15,
}


@pytest.fixture
def numbers() -> Numbers:
    found = sample_numbers(0)
    return {**found, "model": {**found["model"], "digest": DIGEST + "0" * 52}}


def read(numbers: Numbers) -> Any:
    return with_verification(numbers, client("s3"), BUCKET).get("verified")


def test_what_was_kept_is_in_the_numbers_and_is_read_by_people(aws: Aws, numbers: Numbers) -> None:
    aws.objects.make_bucket(BUCKET)
    keep_verification(client("s3"), BUCKET, VERIFIED)
    told = with_verification(numbers, client("s3"), BUCKET)
    assert told["verified"] == VERIFIED
    said = "15 of 16 golden pictures answered as expected"
    assert f"Verified 1 Dec 2026, 19:20 UTC: {said}." in render_markdown(told)
    page = render_page(told, console=False).replace(SPACE, " ")
    assert "<dt>Verified</dt>" in page
    assert said in page
    assert "<dt>Verified</dt>" not in render_page(numbers, console=False)


def test_that_of_another_model_is_not_shown(aws: Aws, numbers: Numbers) -> None:
    aws.objects[BUCKET, KEY] = json.dumps({**VERIFIED, "model": "0ld0ld0ld0ld"}).encode()
    assert read(numbers) is None


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"text", b"[]", b"[" * 20_000, b'{"time": 7}'),
        json.dumps({**VERIFIED, "time": "soon"}).encode(),
        json.dumps({**VERIFIED, "pictures": []}).encode(),
    ],
)
def test_a_report_does_without_what_cannot_be_read(aws: Aws, numbers: Numbers, content: bytes) -> None:
    aws.objects[BUCKET, KEY] = content
    assert read(numbers) is None


def test_a_report_does_without_one_and_without_the_permission(
    aws: Aws, numbers: Numbers, caplog: pytest.LogCaptureFixture
) -> None:
    aws.objects.make_bucket(BUCKET)
    assert read(numbers) is None
    assert caplog.text == ""
    aws.answers["GetObject"] = s3_error(403, "AccessDenied")
    assert read(numbers) is None
    assert "cannot be read" in caplog.text
