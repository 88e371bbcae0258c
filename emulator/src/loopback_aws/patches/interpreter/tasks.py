"""moto's tasks: Lambda in this process, every other service through the local AWS's own address."""

from __future__ import annotations

import importlib
import json
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from loopback_aws.states.flow.clients import client_for
from loopback_aws.states.flow.functions import invoke

_TASKS = "moto.stepfunctions.parser.asl.component.state.exec.state_task"
_MAPS = "moto.stepfunctions.parser.asl.component.state.exec.state_map"
CALLERS = (
    f"{_TASKS}.lambda_eval_utils",
    *(
        f"{_TASKS}.service.state_task_service_{service}"
        for service in (
            "aws_sdk",
            "batch",
            "dynamodb",
            "ecs",
            "events",
            "glue",
            "sfn",
            "sns",
            "sqs",
            "unsupported",
        )
    ),
    f"{_MAPS}.item_reader.eval.resource_eval_s3",
    f"{_MAPS}.result_writer.resource_eval.resource_eval_s3",
)
"""Modules of moto that make clients."""
PRIVATE = (
    *(f"{module}:boto_client_for" for module in CALLERS),
    f"{_TASKS}.lambda_eval_utils:execute_lambda_function_integration",
    f"{_TASKS}.lambda_eval_utils:LambdaFunctionErrorException",
)


def apply() -> None:
    """Replace the function that makes clients wherever it was imported, and the invocation of functions."""
    for module in CALLERS:
        importlib.import_module(module).boto_client_for = client_for  # type: ignore[attr-defined]
    lambda_eval_utils.execute_lambda_function_integration = execute_function


def execute_function(env: Any, parameters: dict[str, Any], region: str, **_: Any) -> None:
    """Invoke a function and leave its result on the stack; its failure is raised with its payload."""
    invocation = invoke(parameters, region)
    if failure := invocation.get("FunctionError"):
        cause = json.dumps(invocation["Payload"], separators=(",", ":"), ensure_ascii=False)
        raise lambda_eval_utils.LambdaFunctionErrorException(failure, cause)
    env.stack.append(invocation)
