"""The environment variables of the inbox's function: its contract with the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lambda_src.core.environment import data_bucket_variable, required_variable


class GatherEnvironment(NamedTuple):
    """Where objects wait, what has been handed on, and the state machine that gets them."""

    queue_url: str
    data_bucket: str
    gathering_prefix: str
    state_machine: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> GatherEnvironment:
        """From QUEUE_URL, DATA_BUCKET, GATHERING_PREFIX and STATE_MACHINE. Raises InvalidConfiguration."""
        return cls(
            queue_url=required_variable(variables, "QUEUE_URL"),
            data_bucket=data_bucket_variable(variables),
            gathering_prefix=required_variable(variables, "GATHERING_PREFIX"),
            state_machine=state_machine_variable(variables),
        )


def state_machine_variable(variables: Mapping[str, str]) -> str:
    """STATE_MACHINE, an ARN. Raises InvalidConfiguration."""
    return required_variable(variables, "STATE_MACHINE")
