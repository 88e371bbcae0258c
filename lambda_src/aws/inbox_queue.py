"""The inbox's queue, ten messages at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lambda_src.aws.client import aws_client
from lambda_src.aws.inbox_errors import named_errors
from lambda_src.core.inbox.messages import Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 10
"""Messages of a request, the most that SQS takes."""
WAIT_SECONDS = 1
"""For a message to come: with a wait SQS asks all its servers, without one only some."""
READ_TIMEOUT_SECONDS = 10


class InboxQueue:
    """By its URL. Methods raise what `named_errors` names."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sqs: SQSClient = aws_client("sqs", READ_TIMEOUT_SECONDS)

    def receive(self) -> list[Message]:
        """Up to ten messages, hidden from others for the queue's visibility time-out."""
        with named_errors("SQS", f"the queue {self._url}"):
            answer = self._sqs.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=AT_ONCE, WaitTimeSeconds=WAIT_SECONDS
            )
        return [
            Message(one["MessageId"], one["ReceiptHandle"], one["Body"]) for one in answer.get("Messages", ())
        ]

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete them. What SQS does not delete comes again, and is known then."""
        for first in range(0, len(messages), AT_ONCE):
            with named_errors("SQS", f"the queue {self._url}"):
                self._sqs.delete_message_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(place), "ReceiptHandle": one.receipt}
                        for place, one in enumerate(messages[first : first + AT_ONCE])
                    ],
                )
