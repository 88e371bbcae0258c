"""Members of other services' requests and results, under the names and in the forms of Step Functions.

A Task writes every member in PascalCase, whatever the service's own API has, text members take any JSON, and
results come back in PascalCase (docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html).
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.response import StreamingBody

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+[0-9]*|[0-9]+")


@cache
def shapes(service: str, action: str) -> tuple[Any, Any]:
    """Shapes of request and result of a boto3 method; None where there is none."""
    for name in model(service).operation_names:
        if xform_name(name) == action:
            operation = model(service).operation_model(name)
            return operation.input_shape, operation.output_shape
    return None, None


@cache
def model(service: str) -> Any:
    """botocore's model of a service, by botocore's name."""
    return _session().get_service_model(service)


def service_names() -> list[str]:
    """botocore's names of all services."""
    return list(_session().get_available_services())


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


def to_request(value: Any, shape: Any) -> Any:
    """A Task's value as boto3 takes it; what the shape does not know stays as it is."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        members = {name.lower(): name for name in shape.members}
        names = {given: members.get(given.lower(), given) for given in value}
        return {
            names[given]: to_request(item, shape.members[names[given]])
            if names[given] in shape.members
            else item
            for given, item in value.items()
        }
    if kind == "list" and isinstance(value, list):
        return [to_request(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: to_request(item, shape.value) for key, item in value.items()}
    if kind == "string" and value is not None and not isinstance(value, str):
        return _text(value)
    if kind == "blob" and value is not None and not isinstance(value, bytes):
        return _text(value).encode()
    return value


def not_null(value: Any) -> Any:
    """The value without members and elements that are null: the SDK for Java sends none."""
    if isinstance(value, dict):
        return {name: not_null(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [not_null(item) for item in value if item is not None]
    return value


def from_result(value: Any, shape: Any) -> Any:
    """What boto3 answered as a Task's result: names in PascalCase, nothing that JSON does not have.

    What is under the keys of a map, as the attributes of a DynamoDB item, keeps its names.
    """
    kind = shape.type_name if shape else "map"
    if isinstance(value, dict):
        structure = kind == "structure"
        return {
            pascal(name) if structure and name in shape.members else name: from_result(
                item, shape.members.get(name) if structure else None
            )
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [from_result(item, shape.member if kind == "list" else None) for item in value]
    return plain(value)


def plain(value: Any) -> Any:
    """Streams and bytes as text, times as ISO 8601 in UTC."""
    if isinstance(value, StreamingBody):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return _moment(value) if isinstance(value, datetime) else value


def pascal(name: str) -> str:
    """`executionArn` as `ExecutionArn`, `SSEKMSKeyId` as `SsekmsKeyId`."""
    return "".join(word[0].upper() + word[1:].lower() for word in _WORDS.findall(name)) or name


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _moment(time: datetime) -> str:
    moment = time.astimezone(UTC)
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
