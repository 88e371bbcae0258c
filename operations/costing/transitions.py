"""State transitions of a Standard execution, as its history tells them."""

from __future__ import annotations

from collections.abc import Iterable

_SCHEDULED = ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled")


def count_transitions(event_types: Iterable[str]) -> int:
    """Steps that were executed, and each retry, which AWS charges as one more.

    The start and the end of an execution are not counted: AWS's price list speaks of steps, and a figure that
    is too low favours designs of many transitions, which are the ones that ours is compared with.
    """
    types = list(event_types)
    attempts = sum(type_ in _SCHEDULED for type_ in types)
    tasks = types.count("TaskStateEntered")
    return sum(type_.endswith("StateEntered") for type_ in types) + max(attempts - tasks, 0)
