"""S3's documents as inputs of both state machines."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_src.core.errors import InvalidInput
from lambda_src.core.image.request import read_request
from lambda_src.core.run.request import RunDefaults, read_run_request
from lambda_src.core.s3_events import named_image, read_arrivals
from tests.unit.lambda_src.s3_documents import eventbridge, notification

DEFAULTS = RunDefaults("data-bucket", 3, 8, 10)
ODD_KEY = "inbox/a+b c%20é.png"
ENCODED = "inbox/a%2Bb+c%2520%C3%A9.png"


@pytest.mark.parametrize(
    "document", [eventbridge(ODD_KEY, bucket="other"), notification(ENCODED, bucket="other")]
)
def test_both_machines_take_both_documents(document: Any) -> None:
    image = read_request(document, "data-bucket")
    assert (image.s3_bucket, image.s3_key, image.threshold, image.image) == ("other", ODD_KEY, None, None)
    assert read_run_request(document, DEFAULTS).images == [("other", ODD_KEY)]
    assert named_image(document) == {"s3_bucket": "other", "s3_key": ODD_KEY}


def test_a_notification_of_several_objects_is_a_run_and_no_image() -> None:
    document = notification("a.png", "b.png")
    assert read_run_request(document, DEFAULTS).images == [("data-bucket", "a.png"), ("data-bucket", "b.png")]
    assert named_image(document) is document
    with pytest.raises(InvalidInput, match=r"2 objects.*many images"):
        read_request(document, "data-bucket")


def test_an_objects_version_is_its_own_or_its_content_and_its_turn() -> None:
    assert read_arrivals(eventbridge("a.png"))[0].version == "v1"
    for version in (None, "null"):
        assert read_arrivals(eventbridge("a.png", version=version))[0].version == f"{'e' * 32}:0A"
    assert read_arrivals(notification("a.png"))[0].version == f"{'e' * 32}:0A0"


def changed(document: Any, **fields: Any) -> Any:
    return document | fields


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (changed(eventbridge("a"), **{"detail-type": "Object Deleted"}), "not 'Object Deleted'"),
        (changed(eventbridge("a"), source="my.app"), "of 'my.app'"),
        (changed(eventbridge("a"), detail=None), "detail of the event must be an object"),
        (changed(eventbridge("a"), detail={"bucket": {}, "object": 7}), "object of detail"),
        (eventbridge(""), "the key of detail is empty"),
        (eventbridge("a", bucket="No"), "no bucket name"),
        (eventbridge(7), "key of detail must be a string"),  # type: ignore[arg-type]
        (notification("a", event="ObjectRemoved:Delete"), "not of 'ObjectRemoved:Delete'"),
        (notification("%FF.png"), "is not URL-encoded UTF-8"),
        (notification(7), "key of Records.0. must be a string"),  # type: ignore[arg-type]
        ({"Records": []}, "array of S3's records"),
        ({"Records": [{"eventSource": "aws:sqs"}]}, "must be a record of aws:s3"),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}, "s3:TestEvent"),
    ],
)
def test_other_events_are_refused_by_name(document: Any, said: str) -> None:
    for read in (lambda: read_request(document, "data-bucket"), lambda: read_run_request(document, DEFAULTS)):
        with pytest.raises(InvalidInput, match=said):
            read()
    assert named_image(document) is document
