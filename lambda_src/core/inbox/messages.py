"""Messages of the queue: each is a document of S3 on an object that was created."""

from __future__ import annotations

import json
import logging
from typing import NamedTuple

from lambda_src.core.errors import InvalidInput
from lambda_src.core.excerpt import excerpt, one_line
from lambda_src.core.s3_events import TEST_EVENT, Arrival, read_arrivals

_logger = logging.getLogger("scones")
_LONGEST_REASON = 1_000


class Message(NamedTuple):
    """A message by its id, with what it takes to delete it, or "" where somebody else does."""

    id: str
    receipt: str
    body: str


def objects_of(message: Message) -> list[Arrival] | None:
    """The new objects that a message tells of, without those that consoles make for folders.

    None for a message that cannot be read: it stays in the queue, and becomes a dead letter.
    """
    try:
        document = json.loads(message.body)
        if not isinstance(document, dict):
            raise InvalidInput(f"a document of S3 must be an object, not {excerpt(document)}")
        if document.get("Event") == TEST_EVENT:
            return []
        arrivals = read_arrivals(document)
    except (ValueError, RecursionError, InvalidInput) as error:
        refused(message, error)
        return None
    return [one for one in arrivals if not one.s3_key.endswith("/")]


def refused(message: Message, error: Exception) -> None:
    """Log why a message stays in the queue, for who finds it among the dead letters."""
    name, said = type(error).__name__, one_line(error, limit=_LONGEST_REASON)
    _logger.warning(
        "Inbox: the message %s stays in the queue: %s: %s",
        message.id,
        name,
        said,
        extra={"message_id": message.id, "error": name},
    )
