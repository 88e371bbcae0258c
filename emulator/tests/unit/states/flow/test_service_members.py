"""Requests and results of other services under Step Functions' names."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.response import StreamingBody
from loopback_aws.states.flow.service_members import from_result, pascal, shapes, to_request


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("executionArn", "ExecutionArn"),
        ("ETag", "ETag"),
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("S3Uri", "S3Uri"),
        ("IsTruncated", "IsTruncated"),
    ],
)
def test_names_in_pascal_case(name: str, expected: str) -> None:
    assert pascal(name) == expected


def test_members_of_a_request_are_the_services_own() -> None:
    request, _ = shapes("ecs", "run_task")
    environment = [{"Name": "n", "Value": 1}]
    given = {"Cluster": "c", "Overrides": {"ContainerOverrides": [{"Environment": environment}]}}
    assert to_request(given, request) == {
        "cluster": "c",
        "overrides": {"containerOverrides": [{"environment": [{"name": "n", "value": "1"}]}]},
    }


@pytest.mark.parametrize(
    ("service", "action", "given", "expected"),
    [
        ("sqs", "send_message", {"MessageBody": {"a": [1, "ä"]}}, {"MessageBody": '{"a":[1,"ä"]}'}),
        ("s3", "put_object", {"Body": {"a": 1}}, {"Body": b'{"a":1}'}),
        ("s3", "put_object", {"Body": b"raw", "Unknown": 1}, {"Body": b"raw", "Unknown": 1}),
        ("sqs", "send_message", {"DelaySeconds": 1}, {"DelaySeconds": 1}),
    ],
)
def test_text_and_bytes_take_any_json(service: str, action: str, given: Any, expected: Any) -> None:
    request, _ = shapes(service, action)
    assert to_request(given, request) == expected


def test_results_are_json() -> None:
    _, result = shapes("stepfunctions", "describe_execution")
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
    answer = {"executionArn": "a", "startDate": moment, "inputDetails": {"included": True}}
    assert from_result(answer, result) == {
        "ExecutionArn": "a",
        "StartDate": "2026-01-02T03:04:05.678Z",
        "InputDetails": {"Included": True},
    }


def test_streams_are_text() -> None:
    _, result = shapes("s3", "get_object")
    body = "grüße".encode()
    assert from_result({"Body": StreamingBody(io.BytesIO(body), len(body))}, result) == {"Body": "grüße"}


def test_keys_of_maps_keep_their_names() -> None:
    _, result = shapes("dynamodb", "get_item")
    item = {"Item": {"names": {"SS": ["a"]}, "flag": {"BOOL": True}}}
    assert from_result(item, result) == item


def test_an_unknown_method_has_no_shapes() -> None:
    assert shapes("sqs", "no_such_method") == (None, None)
