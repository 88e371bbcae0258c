"""The environments of the two functions at a run's ends are contracts with the stack."""

from __future__ import annotations

import pytest

from lambda_src.core.classes import ModelClasses
from lambda_src.core.errors import InvalidConfiguration
from lambda_src.core.run.environment import MergeEnvironment, PlanEnvironment
from tests.unit.lambda_src.conftest import CLASSES, ENVIRONMENT


def test_what_a_stack_gives() -> None:
    classes = ModelClasses(CLASSES, {})
    assert PlanEnvironment.read(ENVIRONMENT) == ("data-bucket", classes, 3, 8, 10)
    assert MergeEnvironment.read(ENVIRONMENT) == ("data-bucket", classes, 0.9, "fedcba987654", 256)
    assert MergeEnvironment.read(ENVIRONMENT | {"FUNCTION_MEMORY_MB": "1024"}).function_memory_mb == 1024
    assert PlanEnvironment.read(ENVIRONMENT | {"TOLERATED_FAILURE_PERCENTAGE": "2.5"})[4] == 2.5


@pytest.mark.parametrize("contract", [PlanEnvironment, MergeEnvironment])
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATA_BUCKET", "", "DATA_BUCKET is not set: deploy the workflow stack again"),
        ("DATA_BUCKET", "No_Bucket", "DATA_BUCKET 'No_Bucket' is no bucket name"),
        ("CLASS_NAMES", "a,b", "CLASS_NAMES is not JSON"),
        ("CLASS_NAMES", '["a"]', "CLASS_NAMES must be a JSON array of 2 or more names"),
    ],
)
def test_what_both_refuse(
    contract: type[PlanEnvironment] | type[MergeEnvironment], name: str, value: str, words: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=words):
        contract.read(ENVIRONMENT | {name: value})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BATCH_SIZE", "0", "BATCH_SIZE must be 1 or more, not '0'"),
        ("BATCH_SIZE", "٣", "BATCH_SIZE must be 1 or more"),
        ("MAX_CONCURRENCY", "-1", "MAX_CONCURRENCY must be 1 or more, not '-1'"),
        ("TOLERATED_FAILURE_PERCENTAGE", "101", "must be a number from 0 to 100, not 101"),
        ("TOLERATED_FAILURE_PERCENTAGE", "NaN", "must be a number from 0 to 100, not nan"),
        ("TOLERATED_FAILURE_PERCENTAGE", "true", "must be a number from 0 to 100, not true"),
        ("TOLERATED_FAILURE_PERCENTAGE", "ten", "is not JSON"),
    ],
)
def test_what_the_plan_refuses(name: str, value: str, words: str) -> None:
    with pytest.raises(InvalidConfiguration, match=words):
        PlanEnvironment.read(ENVIRONMENT | {name: value})


@pytest.mark.parametrize(("name", "value"), [("THRESHOLD", "2"), ("FUNCTION_MEMORY_MB", "64")])
def test_what_the_merge_refuses(name: str, value: str) -> None:
    with pytest.raises(InvalidConfiguration, match=name):
        MergeEnvironment.read(ENVIRONMENT | {name: value})
