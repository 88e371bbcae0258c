"""moto's Parallel state: branches in the caller's account, ended with the first that fails."""

from __future__ import annotations

import copy
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel

from loopback_aws.states.flow.attempts import attempt, record_parallel_failure
from loopback_aws.states.flow.branches import Branches

_PARALLEL = "moto.stepfunctions.parser.asl.component.state.exec.state_parallel"
PRIVATE = (
    f"{_PARALLEL}.branches_decl:BranchesDecl._eval_body",
    f"{_PARALLEL}.state_parallel:StateParallel._eval_state",
    "moto.stepfunctions.parser.asl.eval.environment:Environment.open_inner_frame",
)


def apply() -> None:
    """Replace how branches run and what a failure of one leads to."""
    BranchesDecl._eval_body = evaluate_branches
    StateParallel._eval_state = evaluate_state


def evaluate_branches(declared: Any, env: Any) -> None:
    """Run the branches with the input on the stack; leave their results there."""
    given = env.stack.pop()
    env.stack.append(Branches(declared.programs, env, given).run())


def evaluate_state(state: Any, env: Any) -> None:
    """Evaluate a Parallel state; each attempt gets the same input."""
    if state.parargs is not None:
        state.parargs.eval(env=env)
    env.stack.append(copy.deepcopy(env.stack.pop()))
    attempt(state, env, at_last=record_parallel_failure)
