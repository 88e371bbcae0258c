"""The environment variables of each function: its contract with the stack, checked at cold start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from lambda_src.core.errors import InvalidConfiguration
from lambda_src.core.excerpt import excerpt
from lambda_src.core.fields import threshold_problem
from lambda_src.core.location import bucket_problem
from lambda_src.core.probabilities import short_digest

_FUNCTION_MEMORY_MB = 256


class SerializeEnvironment(NamedTuple):
    """`data_bucket`: where images are when the input names no bucket, and packs, below `packs_prefix`."""

    data_bucket: str
    packs_prefix: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> SerializeEnvironment:
        """From DATA_BUCKET and PACKS_PREFIX, which ends in "/". Raises InvalidConfiguration."""
        prefix = _required(variables, "PACKS_PREFIX")
        if not prefix.endswith("/"):
            raise InvalidConfiguration(f"environment variable PACKS_PREFIX must end in /, not {prefix!r}")
        return cls(_data_bucket(variables), prefix)


class ClassifyEnvironment(NamedTuple):
    """`model_digest` names the deployed artifact for servers that do not say which model answered."""

    endpoint_name: str
    class_count: int
    model_digest: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> ClassifyEnvironment:
        """From ENDPOINT_NAME, CLASS_COUNT and, optional, MODEL_DIGEST. Raises InvalidConfiguration."""
        count = _whole(variables, "CLASS_COUNT", least=2)
        return cls(_required(variables, "ENDPOINT_NAME"), count, _model_digest(variables))


class FilterEnvironment(NamedTuple):
    """Class names in the model's order; `threshold` holds when the input gives none."""

    class_names: list[str]
    threshold: float

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> FilterEnvironment:
        """From CLASS_NAMES, a JSON array of strings, and THRESHOLD. Raises InvalidConfiguration."""
        names = _class_names(variables)
        threshold = _json(variables, "THRESHOLD")
        if problem := threshold_problem(threshold):
            raise InvalidConfiguration(f"environment variable THRESHOLD {problem}")
        return cls(names, float(threshold))  # type: ignore[arg-type]


class PlanEnvironment(NamedTuple):
    """What holds where a run's input says nothing; `max_concurrency` is also the most it may ask for."""

    data_bucket: str
    class_names: list[str]
    batch_size: int
    max_concurrency: int
    tolerated_failure_percentage: float

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> PlanEnvironment:
        """From DATA_BUCKET, CLASS_NAMES, BATCH_SIZE, MAX_CONCURRENCY and TOLERATED_FAILURE_PERCENTAGE.

        Raises InvalidConfiguration.
        """
        name = "TOLERATED_FAILURE_PERCENTAGE"
        tolerated = _json(variables, name)
        if not isinstance(tolerated, int | float) or isinstance(tolerated, bool) or not 0 <= tolerated <= 100:
            raise InvalidConfiguration(
                f"environment variable {name} must be a number from 0 to 100, not {excerpt(tolerated)}"
            )
        return cls(
            data_bucket=_data_bucket(variables),
            class_names=_class_names(variables),
            batch_size=_whole(variables, "BATCH_SIZE", least=1),
            max_concurrency=_whole(variables, "MAX_CONCURRENCY", least=1),
            tolerated_failure_percentage=tolerated,
        )


class MergeEnvironment(NamedTuple):
    """What the summary tells besides the rows; `function_memory_mb` is that of the batches' functions."""

    data_bucket: str
    class_names: list[str]
    threshold: float
    model_digest: str
    function_memory_mb: int

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> MergeEnvironment:
        """From DATA_BUCKET, CLASS_NAMES, THRESHOLD and, optional, MODEL_DIGEST and FUNCTION_MEMORY_MB.

        Raises InvalidConfiguration.
        """
        names, threshold = FilterEnvironment.read(variables)
        memory = {"FUNCTION_MEMORY_MB": variables.get("FUNCTION_MEMORY_MB") or str(_FUNCTION_MEMORY_MB)}
        return cls(
            data_bucket=_data_bucket(variables),
            class_names=names,
            threshold=threshold,
            model_digest=_model_digest(variables),
            function_memory_mb=_whole(memory, "FUNCTION_MEMORY_MB", least=128),
        )


def _class_names(variables: Mapping[str, str]) -> list[str]:
    names = _json(variables, "CLASS_NAMES")
    if not isinstance(names, list) or len(names) < 2 or not all(isinstance(n, str) and n for n in names):
        raise InvalidConfiguration(
            f"environment variable CLASS_NAMES must be a JSON array of 2 or more names, not {excerpt(names)}"
        )
    if len(set(names)) < len(names):
        raise InvalidConfiguration(f"environment variable CLASS_NAMES repeats a name: {names}")
    return names


def _data_bucket(variables: Mapping[str, str]) -> str:
    bucket = _required(variables, "DATA_BUCKET")
    if problem := bucket_problem(bucket):
        raise InvalidConfiguration(f"environment variable DATA_BUCKET {problem}")
    return bucket


def _model_digest(variables: Mapping[str, str]) -> str:
    return short_digest(variables.get("MODEL_DIGEST", ""))


def _whole(variables: Mapping[str, str], name: str, *, least: int) -> int:
    text = _required(variables, name)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise InvalidConfiguration(f"environment variable {name} must be {least} or more, not {text!r}")
    return int(text)


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
