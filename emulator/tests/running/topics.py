"""What SNS topics send, received by queues."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from tests.running.emulator import Emulator


def subscribe_queue(aws: Emulator, topic: str) -> str:
    """A new SQS queue that receives what is published to `topic`; its URL."""
    sqs = aws.client("sqs")
    queue: str = sqs.create_queue(QueueName=f"test-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue


def read_marked(aws: Emulator, topic: str, queue: str, count: int = 0) -> list[dict[str, Any]]:
    """What the queue received: at least `count` messages, then everything before a mark that is published
    last. Other messages than those counted are there too, so a message too many shows.
    """
    sqs, mark = aws.client("sqs"), ""
    received: list[dict[str, Any]] = []
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if len(received) >= count and not mark:
            mark = uuid.uuid4().hex
            aws.client("sns").publish(TopicArn=topic, Message=mark)
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in messages.get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            received.append(json.loads(message["Body"]))
        if mark and any(message["Message"] == mark for message in received):
            return [message for message in received if message["Message"] != mark]
    raise AssertionError(f"{len(received)} messages of {count} and the mark within 60 s: {received}")
