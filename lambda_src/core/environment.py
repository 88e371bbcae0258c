"""The environment variables of each function: its contract with the stack, checked at cold start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from lambda_src.core.errors import InvalidConfiguration
from lambda_src.core.excerpt import excerpt
from lambda_src.core.location import bucket_problem
from lambda_src.core.threshold import threshold_problem


class SerializeEnvironment(NamedTuple):
    """`data_bucket` is where images are when the input names no bucket."""

    data_bucket: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> SerializeEnvironment:
        """From DATA_BUCKET. Raises InvalidConfiguration."""
        bucket = _required(variables, "DATA_BUCKET")
        if problem := bucket_problem(bucket):
            raise InvalidConfiguration(f"environment variable DATA_BUCKET {problem}")
        return cls(bucket)


class ClassifyEnvironment(NamedTuple):
    """`model_digest` names the deployed artifact for servers that do not say which model answered."""

    endpoint_name: str
    class_count: int
    model_digest: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> ClassifyEnvironment:
        """From ENDPOINT_NAME, CLASS_COUNT and, optional, MODEL_DIGEST. Raises InvalidConfiguration."""
        count = _required(variables, "CLASS_COUNT")
        if not count.isascii() or not count.isdigit() or int(count) < 2:
            raise InvalidConfiguration(f"environment variable CLASS_COUNT must be 2 or more, not {count!r}")
        return cls(_required(variables, "ENDPOINT_NAME"), int(count), variables.get("MODEL_DIGEST", ""))


class FilterEnvironment(NamedTuple):
    """Class names in the model's order; `threshold` holds when the input gives none."""

    class_names: list[str]
    threshold: float

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> FilterEnvironment:
        """From CLASS_NAMES, a JSON array of strings, and THRESHOLD. Raises InvalidConfiguration."""
        names = _json(variables, "CLASS_NAMES")
        if not isinstance(names, list) or len(names) < 2 or not all(isinstance(n, str) and n for n in names):
            raise InvalidConfiguration(
                "environment variable CLASS_NAMES must be a JSON array of 2 or more names, "
                f"not {excerpt(names)}"
            )
        if len(set(names)) < len(names):
            raise InvalidConfiguration(f"environment variable CLASS_NAMES repeats a name: {names}")
        threshold = _json(variables, "THRESHOLD")
        if problem := threshold_problem(threshold):
            raise InvalidConfiguration(f"environment variable THRESHOLD {problem}")
        return cls(names, float(threshold))  # type: ignore[arg-type]


def _required(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "")
    if not value:
        raise InvalidConfiguration(f"environment variable {name} is not set: deploy the workflow stack again")
    return value


def _json(variables: Mapping[str, str], name: str) -> object:
    text = _required(variables, name)
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidConfiguration(f"environment variable {name} is not JSON: {excerpt(text)}") from None
