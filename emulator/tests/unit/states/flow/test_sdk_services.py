"""Services and actions of SDK integrations under botocore's names."""

from __future__ import annotations

import pytest
from loopback_aws.states.flow.sdk_services import (
    boto_action,
    boto_service,
    error_prefix,
    exception_name,
    not_recognized,
)
from loopback_aws.states.flow.service_members import service_names


@pytest.mark.parametrize(
    ("name", "boto", "prefix"),
    [
        ("cloudwatchlogs", "logs", "CloudWatchLogs"),
        ("dynamodb", "dynamodb", "DynamoDb"),
        ("eventbridge", "events", "EventBridge"),
        ("s3", "s3", "S3"),
        ("sagemakerruntime", "sagemaker-runtime", "SageMakerRuntime"),
        ("sfn", "stepfunctions", "Sfn"),
        ("sqs", "sqs", "Sqs"),
    ],
)
def test_services(name: str, boto: str, prefix: str) -> None:
    assert boto_service(name) == boto
    assert error_prefix(boto) == prefix


def test_every_service_of_botocore_has_a_name() -> None:
    named = {boto_service(name.replace("-", "")) for name in service_names()}
    assert len(named - {None}) > 300


@pytest.mark.parametrize(
    ("service", "action", "method"),
    [
        ("s3", "listObjectsV2", "list_objects_v2"),
        ("rds", "describeDBInstances", "describe_db_instances"),
        ("s3", "ListObjectsV2", None),
    ],
)
def test_actions(service: str, action: str, method: str | None) -> None:
    assert boto_action(service, action) == method


@pytest.mark.parametrize(
    ("modelled", "java"),
    [
        ("QueueDoesNotExist", "QueueDoesNotExistException"),
        ("ResourceNotFoundException", "ResourceNotFoundException"),
        ("DBInstanceNotFoundFault", "DbInstanceNotFoundException"),
        ("KMSInvalidStateException", "KmsInvalidStateException"),
        ("ClientError", "OfServiceException"),
    ],
)
def test_names_of_exceptions(modelled: str, java: str) -> None:
    error = type(modelled, (Exception,), {})()
    assert exception_name(error, "OfServiceException") == java


@pytest.mark.parametrize("name", ["nothing:getObject", "s3", "s3:getNothing", "logs:describeLogGroups"])
def test_what_is_not_recognized(name: str) -> None:
    assert not_recognized(name)
