"""What Step Functions charges for a Standard execution, by its history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_SCHEDULED = ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled")


def transitions(states: SFNClient, execution: str) -> int:
    """State transitions of a Standard execution, as its history tells them."""
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=execution, includeExecutionData=False
    )
    return count_transitions(event["type"] for page in pages for event in page["events"])


def count_transitions(event_types: Iterable[str]) -> int:
    """Steps that were executed, and each retry, which AWS charges as one more.

    The start and the end of an execution are not counted: AWS's price list speaks of steps, and a figure that
    is too low favours designs of many transitions, which are the ones that ours is compared with.
    """
    types = list(event_types)
    attempts = sum(type_ in _SCHEDULED for type_ in types)
    tasks = types.count("TaskStateEntered")
    return sum(type_.endswith("StateEntered") for type_ in types) + max(attempts - tasks, 0)
