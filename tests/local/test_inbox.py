"""Pictures that are dropped into the inbox: classified by themselves, each once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from contracts.names import LOOPBACK_STAGE, RESULTS_FOLDER, StageNames
from contracts.outputs import BATCH_MACHINE, DATA_BUCKET, IMAGE_MACHINE, INBOX
from tests.local.deployed import executions
from tests.local.deployed.deployment import BLUE, RED, picture
from tests.local.deployed.emulator import Emulator
from tests.local.deployed.waiting import until

FUNCTION = StageNames(LOOPBACK_STAGE).inbox
PICTURES = 12


def drop(aws: Emulator, bucket: str, *keys: str) -> None:
    for number, key in enumerate(keys):
        body = picture((RED, BLUE)[number % 2])
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def of_the_inbox(aws: Emulator, machine: str, containing: str) -> list[str]:
    """ARNs of the executions that the inbox started, with this in their names."""
    pages = aws.client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=machine)
    found = [one for page in pages for one in page["executions"]]
    return [
        one["executionArn"] for one in found if one["name"].startswith("inbox-") and containing in one["name"]
    ]


def test_a_dropped_picture_is_classified(aws: Emulator, deployed: dict[str, str]) -> None:
    bucket, machine = deployed[DATA_BUCKET], deployed[IMAGE_MACHINE]
    assert deployed[INBOX] == f"s3://{bucket}/inbox/"
    drop(aws, bucket, "inbox/a b+é.PNG", "inbox/notes.txt", "elsewhere/a b.png")
    (execution,) = until(lambda: of_the_inbox(aws, machine, "a_b_"), "the picture's execution")
    ended = executions.finished(aws, execution)
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["input"]) == {"s3_bucket": bucket, "s3_key": "inbox/a b+é.PNG"}
    assert json.loads(ended["output"])["predicted_class"] == "bicycle"
    assert of_the_inbox(aws, machine, "notes") == []


def test_gathered_pictures_are_one_run_with_a_row_each(aws: Emulator, deployed: dict[str, str]) -> None:
    bucket, machine = deployed[DATA_BUCKET], deployed[BATCH_MACHINE]
    before = set(of_the_inbox(aws, machine, ""))
    keys = {f"inbox/gathered {number}.jpg" for number in range(PICTURES)}
    with gathering(aws, deployed) as queue:
        drop(aws, bucket, *sorted(keys))
        until(lambda: waiting(aws, queue) == PICTURES, "the pictures in the queue")
        done = gather(aws)
        assert (done["objects"], done["left"]) == (PICTURES, 0), done
    (execution,) = set(of_the_inbox(aws, machine, "")) - before
    ended = executions.finished(aws, execution)
    assert ended["status"] == "SUCCEEDED", ended
    rows = aws.client("s3").get_object(Bucket=bucket, Key=f"{RESULTS_FOLDER}{done['run']}/accepted.jsonl")
    assert sorted(json.loads(line)["s3_key"] for line in rows["Body"].read().splitlines()) == sorted(keys)


@contextmanager
def gathering(aws: Emulator, deployed: dict[str, str]) -> Iterator[str]:
    """The deployed inbox as the mode `gather` deploys it, but for its schedule; the queue's URL."""
    functions = aws.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=FUNCTION)["EventSourceMappings"]
    name = mapping["EventSourceArn"].rpartition(":")[2]
    queue: str = aws.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    before = functions.get_function_configuration(FunctionName=FUNCTION)
    variables = {
        "STATE_MACHINE": deployed[BATCH_MACHINE],
        "QUEUE_URL": queue,
        "DATA_BUCKET": deployed[DATA_BUCKET],
        "GATHERING_PREFIX": "gathering/",
    }
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    functions.update_function_configuration(
        FunctionName=FUNCTION,
        Handler="lambda_src.gather_objects.handler",
        Environment={"Variables": variables},
    )
    try:
        yield queue
    finally:
        functions.update_function_configuration(
            FunctionName=FUNCTION, Handler=before["Handler"], Environment=before["Environment"]
        )
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def waiting(aws: Emulator, queue: str) -> int:
    name = "ApproximateNumberOfMessages"
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
    return int(answer["Attributes"][name])


def gather(aws: Emulator) -> Any:
    answer = aws.client("lambda").invoke(FunctionName=FUNCTION, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
    return json.loads(answer["Payload"].read())
