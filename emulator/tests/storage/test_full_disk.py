"""A disk that takes no more: what was acknowledged is there after a kill, and what was not is an error."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.running.emulator import Emulator

KILOBYTE = 1024
LIMIT = 64 * KILOBYTE


@contextmanager
def files_no_longer_than(aws: Emulator, size: int) -> Iterator[None]:
    """Let the running emulator write no longer files: a full disk for who may not mount one."""
    before = resource.prlimit(aws.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(aws.process.pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        if aws.process.poll() is None:
            resource.prlimit(aws.process.pid, resource.RLIMIT_FSIZE, before)


STACK = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "of-a-stack"}}}}
PASS = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}


def client(aws: Emulator, service: str = "s3") -> Any:
    """Without tries that would only take time."""
    return aws.client_with(service, Config(retries={"total_max_attempts": 1}))


def refused(call: Any, code: str = "InternalError", **given: Any) -> str:
    """The message of the error that the call must end with."""
    with pytest.raises(ClientError) as raised:
        call(**given)
    answer = raised.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"] >= 500) == (code, True)
    return str(answer["Error"]["Message"])


BUCKETS = {"full-plain": None, "full-enabled": "Enabled", "full-suspended": "Suspended"}
"""Buckets by name, with the status of their versioning."""


def test_of_thirty_puts_each_is_acknowledged_and_kept_or_is_an_error(aws: Emulator) -> None:
    s3 = client(aws)
    for bucket, versioning in BUCKETS.items():
        begin(s3, bucket, versioning)
    upload = {"Bucket": "full-plain", "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part(**upload, PartNumber=1, Body=b"1" * 2 * LIMIT)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    seen = {}
    with files_no_longer_than(aws, LIMIT):
        for bucket in BUCKETS:
            seen[bucket] = put_thirty(aws, s3, bucket)
        refused(s3.complete_multipart_upload, **upload, MultipartUpload=parts)
        refused(s3.upload_part, **upload, PartNumber=2, Body=b"2" * 2 * LIMIT)
        aws.kill()
    aws.restart()
    assert {bucket: everything(s3, bucket) for bucket in BUCKETS} == seen
    assert not list(aws.state.rglob("*.tmp"))
    assert len(s3.list_parts(**upload)["Parts"]) == 1
    s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    assert s3.get_object(Bucket="full-plain", Key="parts")["Body"].read() == b"1" * 2 * LIMIT
    assert not list(aws.state.rglob(upload["UploadId"])), "an upload that has ended takes no room"


def begin(s3: Any, bucket: str, versioning: str | None) -> None:
    """A bucket with ten objects."""
    s3.create_bucket(Bucket=bucket)
    if versioning:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": versioning})
    for number in range(10):
        s3.put_object(Bucket=bucket, Key=f"{number}", Body=b"before", Metadata={"size": "6"})


def put_thirty(aws: Emulator, s3: Any, bucket: str) -> dict[str, bytes]:
    """What is there after thirty puts, of which every second one is too long for the disk."""
    before = everything(s3, bucket)
    for number in range(30):
        data = bytes([number]) * (KILOBYTE if number % 2 else LIMIT + KILOBYTE)
        size = {"size": str(len(data))}
        put = partial(s3.put_object, Bucket=bucket, Key=f"{number}", Body=data, Metadata=size, Tagging="a=b")
        if number % 2:
            put()
        else:
            said = refused(put)
            assert str(aws.state / "objects") in said
            assert "ulimit -f" in said
    found = everything(s3, bucket)
    assert of_refused(found) == of_refused(before)
    assert all(found[f"{number}"] == bytes([number]) * KILOBYTE for number in range(1, 30, 2))
    return found


def of_refused(found: dict[str, bytes]) -> dict[str, bytes]:
    """What there is of the keys whose last put was too long."""
    return {key: data for key, data in found.items() if int(key.partition("?")[0]) % 2 == 0}


def everything(s3: Any, bucket: str) -> dict[str, bytes]:
    """Every object and version, by key and number of the version; their metadata say how long each is."""
    found = {}
    for each in s3.list_object_versions(Bucket=bucket).get("Versions", []):
        read = s3.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
        data: bytes = read["Body"].read()
        assert read["Metadata"] == {"size": str(len(data))}
        found[f"{each['Key']}?{each['VersionId']}"] = data
        if each["IsLatest"]:
            found[each["Key"]] = data
    return found


def test_a_copy_that_is_not_kept_leaves_what_was_there(aws: Emulator) -> None:
    s3 = client(aws)
    s3.create_bucket(Bucket="copies")
    s3.put_object(Bucket="copies", Key="long", Body=b"0" * 2 * LIMIT)
    s3.put_object(Bucket="copies", Key="kept", Body=b"as before")
    with files_no_longer_than(aws, LIMIT):
        refused(s3.copy_object, Bucket="copies", Key="kept", CopySource="copies/long")
    assert s3.get_object(Bucket="copies", Key="kept")["Body"].read() == b"as before"


def test_nobody_is_told_of_an_object_that_is_not_kept(aws: Emulator) -> None:
    s3, sqs = client(aws), aws.client("sqs")
    s3.create_bucket(Bucket="told")
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:000000000000:told"
    policy = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [policy]})})
    s3.put_bucket_notification_configuration(
        Bucket="told",
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    with files_no_longer_than(aws, LIMIT):
        refused(s3.put_object, Bucket="told", Key="refused", Body=b"0" * 2 * LIMIT)
        s3.put_object(Bucket="told", Key="kept", Body=b"")
    keys: list[str] = []
    while "kept" not in keys:
        for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]:
            records = json.loads(message["Body"]).get("Records", [])
            keys += [record["s3"]["object"]["key"] for record in records]
    assert keys == ["kept"]


def test_a_body_that_cannot_be_read_is_an_error_and_not_empty(aws: Emulator) -> None:
    s3 = client(aws)
    s3.create_bucket(Bucket="damaged")
    s3.put_object(Bucket="damaged", Key="gone", Body=b"content")
    [path] = Path(aws.state, "objects").rglob("damaged/gone")
    path.unlink()
    assert "No such file" in refused(s3.get_object, Bucket="damaged", Key="gone")


def test_what_a_service_acknowledged_outlives_a_kill_and_what_it_cannot_keep_is_refused(
    aws: Emulator,
) -> None:
    sqs, states = client(aws, "sqs"), client(aws, "stepfunctions")
    url = sqs.create_queue(QueueName="acknowledged")["QueueUrl"]
    machine = states.create_state_machine(
        name="old", roleArn="arn:aws:iam::000000000000:role/r", definition=json.dumps(PASS)
    )["stateMachineArn"]
    stacks = aws.client("cloudformation")
    stacks.create_stack(StackName="acknowledged", TemplateBody=json.dumps(STACK))
    stacks.get_waiter("stack_create_complete").wait(StackName="acknowledged", WaiterConfig={"Delay": 1})
    with files_no_longer_than(aws, 0):
        said = refused(sqs.create_queue, "ServiceUnavailable", QueueName="acknowledged-never")
        assert str(aws.state / "services") in said
        refused(states.start_execution, "ServiceUnavailable", stateMachineArn=machine, name="never")
        aws.kill()
    aws.restart()
    assert sqs.list_queues(QueueNamePrefix="acknowledged")["QueueUrls"] == [url]
    assert states.list_executions(stateMachineArn=machine)["executions"] == []
    states.start_execution(stateMachineArn=machine)
    [stack] = stacks.describe_stacks(StackName="acknowledged")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    [resource] = stacks.describe_stack_resources(StackName="acknowledged")["StackResources"]
    assert aws.client("sns").get_topic_attributes(TopicArn=resource["PhysicalResourceId"])
