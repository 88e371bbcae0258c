"""moto's Map state: in Distributed mode it is executed by the project's own map run."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap

from loopback_aws.states.map_run.distributed_map import execute

_MAP = "moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map:StateMap"
PRIVATE = (
    f"{_MAP}._eval_execution",
    f"{_MAP}._eval_state",
    "moto.stepfunctions.parser.asl.eval.environment:Environment.open_inner_frame",
    "moto.stepfunctions.parser.asl.eval.environment:Environment.delete_frame",
)


def apply() -> None:
    """Take over the states that `fields.attach` has given their fields."""
    evaluate = StateMap._eval_execution

    def eval_execution(self: Any, env: Any) -> None:
        if hasattr(self, "distributed"):
            execute(self, env)
        else:
            evaluate(self, env)

    StateMap._eval_execution = eval_execution
