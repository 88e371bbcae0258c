"""The environment variables of the two functions at a run's ends: their contract with the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lambda_src.core.classes import ModelClasses
from lambda_src.core.environment import (
    FilterEnvironment,
    classes_variable,
    data_bucket_variable,
    json_variable,
    model_digest_variable,
    whole_variable,
)
from lambda_src.core.errors import InvalidConfiguration
from lambda_src.core.excerpt import excerpt

_FUNCTION_MEMORY_MB = 256


class PlanEnvironment(NamedTuple):
    """What holds where a run's input says nothing; `max_concurrency` is also the most it may ask for."""

    data_bucket: str
    classes: ModelClasses
    batch_size: int
    max_concurrency: int
    tolerated_failure_percentage: float

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> PlanEnvironment:
        """From DATA_BUCKET, CLASS_NAMES, BATCH_SIZE, MAX_CONCURRENCY and TOLERATED_FAILURE_PERCENTAGE.

        Raises InvalidConfiguration.
        """
        name = "TOLERATED_FAILURE_PERCENTAGE"
        tolerated = json_variable(variables, name)
        if not isinstance(tolerated, int | float) or isinstance(tolerated, bool) or not 0 <= tolerated <= 100:
            raise InvalidConfiguration(
                f"environment variable {name} must be a number from 0 to 100, not {excerpt(tolerated)}"
            )
        return cls(
            data_bucket=data_bucket_variable(variables),
            classes=classes_variable(variables),
            batch_size=whole_variable(variables, "BATCH_SIZE", least=1),
            max_concurrency=whole_variable(variables, "MAX_CONCURRENCY", least=1),
            tolerated_failure_percentage=tolerated,
        )


class MergeEnvironment(NamedTuple):
    """What the summary tells besides the rows; `function_memory_mb` is that of the batches' functions."""

    data_bucket: str
    classes: ModelClasses
    threshold: float
    model_digest: str
    function_memory_mb: int

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> MergeEnvironment:
        """From DATA_BUCKET, CLASS_NAMES, THRESHOLD and, optional, MODEL_DIGEST and FUNCTION_MEMORY_MB.

        Raises InvalidConfiguration.
        """
        classes, threshold = FilterEnvironment.read(variables)
        memory = {"FUNCTION_MEMORY_MB": variables.get("FUNCTION_MEMORY_MB") or str(_FUNCTION_MEMORY_MB)}
        return cls(
            data_bucket=data_bucket_variable(variables),
            classes=classes,
            threshold=threshold,
            model_digest=model_digest_variable(variables),
            function_memory_mb=whole_variable(memory, "FUNCTION_MEMORY_MB", least=128),
        )
