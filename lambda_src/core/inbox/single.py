"""An execution of ClassifyImage for each new object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lambda_src.core.errors import ClassificationError, InvalidInput
from lambda_src.core.excerpt import excerpt
from lambda_src.core.inbox.messages import Message, objects_of, refused
from lambda_src.core.inbox.naming import image_execution_name

Start = Callable[[str, dict[str, Any]], None]
"""Starts the execution of a name with an input; one that is there already is not started again."""


def start_each(event: object, start: Start) -> dict[str, Any]:
    """SQS's records in; out, those that are to come again, as Lambda takes it from a handler.

    What is started twice is started once, so that a message may come as often as it likes.
    """
    failed = [message.id for message in _messages(event) if not _handed_on(message, start)]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


def _handed_on(message: Message, start: Start) -> bool:
    arrivals = objects_of(message)
    if arrivals is None:
        return False
    try:
        for arrival in arrivals:
            given = {"s3_bucket": arrival.s3_bucket, "s3_key": arrival.s3_key}
            start(image_execution_name(arrival), given)
    except ClassificationError as error:
        refused(message, error)
        return False
    return True


def _messages(event: object) -> list[Message]:
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list):
        raise InvalidInput(f"the event must be records of SQS, not {excerpt(event)}")
    return [_message(record) for record in records]


def _message(record: object) -> Message:
    found = record if isinstance(record, dict) else {}
    id, body = found.get("messageId"), found.get("body")
    if not isinstance(id, str) or not isinstance(body, str):
        raise InvalidInput(f"a record of SQS must have messageId and body, not {excerpt(record)}")
    return Message(id, "", body)
