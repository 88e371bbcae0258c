"""Requests held against the service's own model, as botocore ships it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from loopback_aws.errors import ApiError

_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str),
}


@functools.cache
def service_model(service: str) -> ServiceModel:
    """The API's description: operations and the shapes of their requests."""
    return botocore.session.get_session().get_service_model(service)


def input_shape(service: str, operation: str) -> StructureShape:
    """Shape of an operation's request; ApiError when AWS has no such operation."""
    model = service_model(service)
    if operation not in model.operation_names:
        raise ApiError("UnknownOperationException", f"The service {service} has no operation {operation!r}.")
    shape = model.operation_model(operation).input_shape
    return shape if isinstance(shape, StructureShape) else StructureShape(operation, {"members": {}}, None)


def check_request(service: str, operation: str, request: dict[str, Any]) -> None:
    """Refuse, in AWS's words, a request whose types, required members, ranges or patterns are wrong."""
    problems = list(_problems(input_shape(service, operation), request, ""))
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
        raise ApiError("ValidationException", count + "; ".join(problems))


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    _check_type(shape, value, path)
    if isinstance(shape, StructureShape):
        yield from _structure_problems(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _length_problems(shape, len(value), value, path)
        for index, item in enumerate(value, start=1):
            yield from _problems(shape.member, item, f"{path}.{index}.member")
    elif isinstance(shape, MapShape):
        yield from _length_problems(shape, len(value), value, path)
        for key, item in value.items():
            yield from _problems(shape.key, key, f"{path}.key")
            yield from _problems(shape.value, item, f"{path}.{key}.member")
    else:
        yield from _scalar_problems(shape, value, path)


def _check_type(shape: Shape, value: Any, path: str) -> None:
    allowed = _JSON_TYPES.get(shape.type_name, (object,))
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in (*allowed, object)):
        raise ApiError(
            "SerializationException", f"{type(value).__name__} at '{path}' where a {shape.type_name} belongs."
        )


def _structure_problems(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _problem("null", _join(path, name), "Member must not be null")
    for name, item in value.items():
        if name not in shape.members:
            raise ApiError("ValidationException", f"{_join(path, name)} is no parameter that AWS knows.")
        if item is not None:
            yield from _problems(shape.members[name], item, _join(path, name))


def _scalar_problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    limits = shape.metadata
    if isinstance(value, str):
        yield from _length_problems(shape, len(value), value, path)
        if "enum" in limits and value not in limits["enum"]:
            values = ", ".join(limits["enum"])
            yield _problem(f"'{value}'", path, f"Member must satisfy enum value set: [{values}]")
        elif "pattern" in limits and not _python_pattern(limits["pattern"]).fullmatch(value):
            yield _problem(
                f"'{value}'", path, f"Member must satisfy regular expression pattern: {limits['pattern']}"
            )
    elif not isinstance(value, bool):
        if value < limits.get("min", value):
            yield _problem(
                f"'{value}'", path, f"Member must have value greater than or equal to {limits['min']}"
            )
        if value > limits.get("max", value):
            yield _problem(
                f"'{value}'", path, f"Member must have value less than or equal to {limits['max']}"
            )


_JAVA_PATTERNS = (
    (r"\p{L}", r"\w"),
    (r"\p{Z}", r"\s"),
    (r"\p{N}", r"\d"),
    (r"[\p{Print}]", r"[\x20-\x7e]"),
    (r"\p{Print}", r"[\x20-\x7e]"),
    (r"\p{ASCII}", r"[\x00-\x7f]"),
    (r"\z", r"\Z"),
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"),
)


@functools.cache
def _python_pattern(pattern: str) -> re.Pattern[str]:
    """The model's (Java) pattern: its classes and its pairs of surrogates are written otherwise here."""
    for java, python in _JAVA_PATTERNS:
        pattern = pattern.replace(java, python)
    return re.compile(pattern)


def _length_problems(shape: Shape, length: int, value: Any, path: str) -> Iterator[str]:
    if length < shape.metadata.get("min", 0):
        limit = f"greater than or equal to {shape.metadata['min']}"
    elif length > shape.metadata.get("max", length):
        limit = f"less than or equal to {shape.metadata['max']}"
    else:
        return
    yield _problem(f"'{value}'", path, f"Member must have length {limit}")


def _problem(value: str, path: str, constraint: str) -> str:
    return f"Value {value} at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    """AWS writes members in paths with a small first letter: `productionVariants.1.member.variantName`."""
    member = name[0].lower() + name[1:]
    return f"{path}.{member}" if path else member
