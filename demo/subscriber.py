"""A subscriber of the failure topic: a queue, because it can show what an e-mail would have said."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

DEADLINE_SECONDS = 30.0


@dataclass(frozen=True)
class Notification:
    """One message as it arrived."""

    subject: str
    message: str


class Subscriber:
    """Subscribes a new queue to `topic` and receives what is published from then on."""

    def __init__(self, sns: SNSClient, sqs: SQSClient, topic: str) -> None:
        self._sqs = sqs
        self._queue = sqs.create_queue(QueueName="demo-subscriber")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["Attributes"]["QueueArn"])

    def receive(self, count: int) -> list[Notification]:
        """The next `count` notifications, oldest first.

        Raises TimeoutError naming how many came within DEADLINE_SECONDS.
        """
        received: list[Notification] = []
        deadline = time.monotonic() + DEADLINE_SECONDS
        while len(received) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(received)} of {count} notifications came")
            answer = self._sqs.receive_message(
                QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            for message in answer.get("Messages", []):
                body = json.loads(message["Body"])
                received.append(Notification(body.get("Subject", ""), body["Message"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return received
