"""Lambda functions: AWS's error payloads and log formats, bounded processes, deployed code only."""

from __future__ import annotations

from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from loopback_aws.lambda_runtime.process import SCRIPT, BoundedWorkers, Failure, PythonWorker

PRIVATE = (
    "ministack.core.lambda_runtime:_PYTHON_WORKER_SCRIPT",
    "ministack.core.lambda_runtime:_worker_class_for",
    "ministack.core.lambda_runtime:_worker_key",
    "ministack.core.lambda_runtime:_workers",
    "ministack.core.lambda_runtime:_lock",
    "ministack.core.lambda_runtime:invalidate_worker",
    "ministack.core.lambda_runtime:kill_workers",
    "ministack.core.lambda_runtime:reset",
    "ministack.core.lambda_runtime:Worker._drain_stderr_bounded",
    "ministack.core.lambda_runtime:Worker._spawn",
    "ministack.core.lambda_runtime:Worker.invoke",
    "ministack.services.lambda_svc:_execute_function_warm",
    "ministack.services.lambda_svc:_functions",
    "ministack.services.lambda_svc:_resolve_layer_zip",
    "ministack.services.lambda_svc:acquire_worker",
    "ministack.services.lambda_svc:release_worker",
    "ministack.services.cloudformation.provisioners:_RESOURCE_HANDLERS.AWS::Lambda::Function",
    "ministack.services.cloudformation.provisioners:_lambda_delete",
)


def apply(lambda_concurrency: int) -> None:
    """Run Python functions on the project's bootstrap, at most `lambda_concurrency` processes at once."""
    bounded = BoundedWorkers(lambda_concurrency)
    other_class = lambda_runtime._worker_class_for
    execute = lambda_svc._execute_function_warm

    def worker_class(config: dict[str, Any]) -> type:
        chosen: type = other_class(config)
        return PythonWorker if str(config.get("Runtime", "")).startswith("python") else chosen

    def execute_function(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = execute(func, event, request_id)
        if isinstance(answer["body"], Failure):
            return answer | {"body": dict(answer["body"]), "error": True}
        return answer

    lambda_runtime._PYTHON_WORKER_SCRIPT = SCRIPT
    lambda_runtime._worker_class_for = worker_class
    lambda_svc._execute_function_warm = execute_function
    for module in (lambda_runtime, lambda_svc):
        module.acquire_worker = bounded.acquire
        module.release_worker = bounded.release
    _provision()


def _provision() -> None:
    """Functions of templates: with their reserved concurrency, and without processes after their deletion."""
    original = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        created = original["create"](logical_id, properties, stack)
        reserve(created[0], properties)
        return created

    def update(
        name: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str | None = None
    ) -> Any:
        updated = original["update"](name, old, new, stack, logical_id)
        reserve(updated[0], new)
        return updated

    provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"] = original | {
        "create": create,
        "update": update,
        "delete": delete,
    }


def reserve(name: str, properties: dict[str, Any]) -> None:
    """Give a function the template's ReservedConcurrentExecutions, or none."""
    reserved = properties.get("ReservedConcurrentExecutions")
    lambda_svc._functions[name]["concurrency"] = None if reserved is None else int(reserved)


def delete(name: str, properties: dict[str, Any]) -> None:
    """Delete a function with its processes: the next one of this name must not be answered by its code."""
    provisioners._lambda_delete(name, properties)
    lambda_runtime.invalidate_worker(name)
