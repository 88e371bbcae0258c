"""S3's events on new objects, over EventBridge into a queue that a function consumes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.running import functions
from tests.running.emulator import Emulator
from tests.running.waiting import until

KEY = "in*box/a b+é%20.PNG"
BUCKET, QUEUE = "events", "new-objects"


@pytest.fixture(scope="module")
def urls(aws: Emulator) -> dict[str, str]:
    """A bucket that announces its objects, a rule that queues those of one folder, and dead letters."""
    s3, sqs, events = aws.client("s3"), aws.client("sqs"), aws.client("events")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    dead = sqs.create_queue(QueueName=f"{QUEUE}-dead")["QueueUrl"]
    redrive = json.dumps({"deadLetterTargetArn": arn(aws, dead), "maxReceiveCount": 2})
    attributes = {"RedrivePolicy": redrive, "VisibilityTimeout": "2"}
    queue = sqs.create_queue(QueueName=QUEUE, Attributes=attributes)["QueueUrl"]
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [BUCKET]}, "object": {"key": [{"wildcard": r"in\*box/*.PNG"}]}},
    }
    events.put_rule(Name=QUEUE, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=QUEUE, Targets=[{"Id": "queue", "Arn": arn(aws, queue)}])
    return {"queue": queue, "dead": dead}


def arn(aws: Emulator, queue: str) -> str:
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def receive(aws: Emulator, queue: str) -> list[Any]:
    answer = aws.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_an_event_names_key_and_version_as_they_are(aws: Emulator, urls: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html"""
    s3 = aws.client("s3")
    for key in ("inxbox/a.PNG", "in*box/a.png"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"no")
    put = s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"picture")

    (event,) = until(lambda: receive(aws, urls["queue"]), "the event")
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    item = event["detail"]["object"]
    assert (item["key"], item["size"]) == (KEY, 7)
    assert (item["version-id"], f'"{item["etag"]}"') == (put["VersionId"], put["ETag"])
    assert event["detail"]["bucket"] == {"name": BUCKET}
    assert event["detail"]["reason"] == "PutObject"
    aws.client("sqs").purge_queue(QueueUrl=urls["queue"])


def test_a_function_gets_each_object_and_what_it_refuses_becomes_a_dead_letter(
    aws: Emulator, urls: dict[str, str]
) -> None:
    source = (
        "import json\n"
        "def handler(event, context):\n"
        "    bad = [r['messageId'] for r in event['Records'] if 'bad' in r['body']]\n"
        "    return {'batchItemFailures': [{'itemIdentifier': one} for one in bad]}\n"
    )
    name = functions.create(aws, source)
    aws.client("lambda").invoke(FunctionName=name, Payload=b'{"Records": []}')  # its process is there
    mapping = aws.client("lambda").create_event_source_mapping(
        EventSourceArn=arn(aws, urls["queue"]),
        FunctionName=name,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": 2},
    )
    s3 = aws.client("s3")
    for key in ("bad", *map(str, range(12))):
        s3.put_object(Bucket=BUCKET, Key=f"in*box/{key}.PNG", Body=b"x")
    dead: list[str] = []

    def bad_is_dead() -> bool:
        dead.extend(event["detail"]["object"]["key"] for event in receive(aws, urls["dead"]))
        return "in*box/bad.PNG" in dead

    until(bad_is_dead, "the dead letter")
    until(lambda: left(aws, urls["queue"]) == 0, "the queue to be empty")
    assert len(dead) < 12  # those that were not refused are gone; on a busy machine one may come too late
    aws.client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])


def left(aws: Emulator, queue: str) -> int:
    """Messages in a queue, those that somebody has received and not deleted included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(answer[name]) for name in names)
