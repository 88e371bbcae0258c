"""The environment variables of each function: its contract with the stack, checked at cold start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from lambda_src.core.classes import ModelClasses, read_classes
from lambda_src.core.errors import InvalidConfiguration
from lambda_src.core.excerpt import excerpt
from lambda_src.core.fields import threshold_problem
from lambda_src.core.location import bucket_problem
from lambda_src.core.probabilities import short_digest


class SerializeEnvironment(NamedTuple):
    """`data_bucket`: where images are when the input names no bucket, and packs, below `packs_prefix`.
    `required_share`: how much of a damaged picture must be there."""

    data_bucket: str
    packs_prefix: str
    required_share: float

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> SerializeEnvironment:
        """From DATA_BUCKET, PACKS_PREFIX, which ends in "/", REQUIRED_SHARE. Raises InvalidConfiguration."""
        prefix = required_variable(variables, "PACKS_PREFIX")
        if not prefix.endswith("/"):
            raise InvalidConfiguration(f"environment variable PACKS_PREFIX must end in /, not {prefix!r}")
        return cls(data_bucket_variable(variables), prefix, required_share_variable(variables))


class ClassifyEnvironment(NamedTuple):
    """`model_digest` names the deployed artifact for servers that do not say which model answered."""

    endpoint_name: str
    class_count: int
    model_digest: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> ClassifyEnvironment:
        """From ENDPOINT_NAME, CLASS_COUNT and, optional, MODEL_DIGEST. Raises InvalidConfiguration."""
        count = whole_variable(variables, "CLASS_COUNT", least=2)
        return cls(required_variable(variables, "ENDPOINT_NAME"), count, model_digest_variable(variables))


class FilterEnvironment(NamedTuple):
    """The model's classes; `threshold` holds when the input gives none."""

    classes: ModelClasses
    threshold: float

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> FilterEnvironment:
        """From CLASS_NAMES and THRESHOLD. Raises InvalidConfiguration."""
        classes = classes_variable(variables)
        threshold = json_variable(variables, "THRESHOLD")
        if problem := threshold_problem(threshold):
            raise InvalidConfiguration(f"environment variable THRESHOLD {problem}")
        return cls(classes, float(threshold))  # type: ignore[arg-type]


def classes_variable(variables: Mapping[str, str]) -> ModelClasses:
    """CLASS_NAMES, a JSON array in the model's order. Raises InvalidConfiguration, as the others here do."""
    try:
        return read_classes(json_variable(variables, "CLASS_NAMES"))
    except ValueError as error:
        raise InvalidConfiguration(f"environment variable CLASS_NAMES {error}") from None


def data_bucket_variable(variables: Mapping[str, str]) -> str:
    """DATA_BUCKET."""
    bucket = required_variable(variables, "DATA_BUCKET")
    if problem := bucket_problem(bucket):
        raise InvalidConfiguration(f"environment variable DATA_BUCKET {problem}")
    return bucket


def required_share_variable(variables: Mapping[str, str]) -> float:
    """REQUIRED_SHARE, from 0 to 1; 1, all of a picture, when nothing is set."""
    share = json_variable({"REQUIRED_SHARE": "1", **variables}, "REQUIRED_SHARE")
    if problem := threshold_problem(share):
        raise InvalidConfiguration(f"environment variable REQUIRED_SHARE {problem}")
    return float(share)  # type: ignore[arg-type]


def model_digest_variable(variables: Mapping[str, str]) -> str:
    """MODEL_DIGEST as results name a model; "" when nothing is set."""
    return short_digest(variables.get("MODEL_DIGEST", ""))


def whole_variable(variables: Mapping[str, str], name: str, *, least: int) -> int:
    """A whole number from `least`."""
    text = required_variable(variables, name)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise InvalidConfiguration(f"environment variable {name} must be {least} or more, not {text!r}")
    return int(text)


def required_variable(variables: Mapping[str, str], name: str) -> str:
    """A text that is not empty."""
    value = variables.get(name, "")
    if not value:
        raise InvalidConfiguration(f"environment variable {name} is not set: deploy the workflow stack again")
    return value


def json_variable(variables: Mapping[str, str], name: str) -> object:
    """Any value of JSON."""
    text = required_variable(variables, name)
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidConfiguration(f"environment variable {name} is not JSON: {excerpt(text)}") from None
