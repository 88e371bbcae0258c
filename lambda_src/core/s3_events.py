"""S3's two documents on an object that was created, as EventBridge and as S3's own notifications bring them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html and notification-content-structure.html.
Keys are URL-encoded in S3's own (`+` for a space) and as they are in EventBridge's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from lambda_src.core.errors import InvalidInput
from lambda_src.core.excerpt import excerpt
from lambda_src.core.location import bucket_problem, key_problem

SOURCE = "aws.s3"
CREATED = "Object Created"
TEST_EVENT = "s3:TestEvent"
_CREATED_RECORD = re.compile(r"(s3:)?ObjectCreated:")
_UNVERSIONED = (None, "", "null")


class Arrival(NamedTuple):
    """An object that was created. `version` tells it from every other that has been or will be at its key."""

    s3_bucket: str
    s3_key: str
    version: str


def is_event(fields: dict[str, Any]) -> bool:
    """Whether these fields are one of the two documents, of whatever event."""
    return "detail-type" in fields or "Records" in fields or fields.get("Event") == TEST_EVENT


def read_arrivals(fields: dict[str, Any]) -> list[Arrival]:
    """The objects that a document tells of. Raises InvalidInput for one that tells of no creation."""
    if fields.get("Event") == TEST_EVENT:
        raise InvalidInput(f"the event is {TEST_EVENT}, with which S3 tries a notification: it has no object")
    found = _of_eventbridge(fields) if "detail-type" in fields else _of_s3(fields)
    return [_checked(arrival, where) for arrival, where in found]


def event_images(fields: dict[str, Any]) -> list[dict[str, str]]:
    """Bucket and key of each object, as inputs of the workflows name an image. Raises InvalidInput."""
    return [{"s3_bucket": one.s3_bucket, "s3_key": one.s3_key} for one in read_arrivals(fields)]


def named_image(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that name the image of an execution's input: the event's, where it has a single object.

    Whatever cannot be read is left as it is: for who looks at executions and does not start them.
    """
    if not is_event(fields):
        return fields
    try:
        images = event_images(fields)
    except InvalidInput:
        return fields
    return dict(images[0]) if len(images) == 1 else fields


def _of_eventbridge(fields: dict[str, Any]) -> Iterator[tuple[Arrival, str]]:
    kind = fields.get("detail-type")
    if fields.get("source") != SOURCE or kind != CREATED:
        given = f"{excerpt(kind)} of {excerpt(fields.get('source'))}"
        raise InvalidInput(f'the event must be "{CREATED}" of {SOURCE}, not {given}')
    detail = _object(fields, "detail", "the event")
    item = _object(detail, "object", "detail")
    version = _version(item.get("version-id"), item.get("etag"), item.get("sequencer"))
    yield Arrival(_object(detail, "bucket", "detail").get("name", ""), item.get("key", ""), version), "detail"


def _of_s3(fields: dict[str, Any]) -> Iterator[tuple[Arrival, str]]:
    records = fields["Records"]
    if not isinstance(records, list) or not records:
        raise InvalidInput(f"Records must be an array of S3's records, not {excerpt(records)}")
    for number, record in enumerate(records):
        where = f"Records[{number}]"
        if not isinstance(record, dict) or record.get("eventSource") != "aws:s3":
            raise InvalidInput(f"{where} must be a record of aws:s3, not {excerpt(record)}")
        name = record.get("eventName")
        if not isinstance(name, str) or not _CREATED_RECORD.match(name):
            raise InvalidInput(f"{where} must tell of ObjectCreated, not of {excerpt(name)}")
        said = _object(record, "s3", where)
        item = _object(said, "object", f"{where}.s3")
        version = _version(item.get("versionId"), item.get("eTag"), item.get("sequencer"))
        bucket = _object(said, "bucket", f"{where}.s3").get("name", "")
        yield Arrival(bucket, _decoded(item.get("key", ""), where), version), where


def _object(fields: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    value = fields.get(name)
    if not isinstance(value, dict):
        raise InvalidInput(f"{name} of {where} must be an object, not {excerpt(value)}")
    return value


def _decoded(key: object, where: str) -> Any:
    """A key of S3's own records; what is no text is left for the check."""
    if not isinstance(key, str):
        return key
    try:
        return unquote_plus(key, errors="strict")
    except UnicodeError:
        raise InvalidInput(f"the key of {where}, {excerpt(key)}, is not URL-encoded UTF-8") from None


def _version(version: object, etag: object, sequencer: object) -> str:
    """S3's version id; without versioning the content's tag and the place in the order of events."""
    return str(version) if version not in _UNVERSIONED else f"{etag}:{sequencer}"


def _checked(arrival: Arrival, where: str) -> Arrival:
    problems = (("bucket", bucket_problem(arrival.s3_bucket)), ("key", key_problem(arrival.s3_key)))
    if said := "; ".join(f"the {name} of {where} {problem}" for name, problem in problems if problem):
        raise InvalidInput(said)
    return arrival
