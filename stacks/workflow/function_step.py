"""A step of a workflow that one function does, and the errors after which it is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.constructs.python_function import PythonFunction
from stacks.settings.workflow import RetrySettings

# Errors that can pass by themselves. All others of the functions are final: asking again changes nothing.
LAMBDA_ERRORS = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
]
STORAGE_ERRORS = ["StorageUnavailable"]
ENDPOINT_ERRORS = ["EndpointThrottled", "EndpointUnavailable", "ModelFailed"]
# A function ends by its own time-out first; the state waits a little longer for the answer to arrive.
TIMEOUT_MARGIN_SECONDS = 5

EXECUTION_NAME = "{% $states.context.Execution.Name %}"


def function_step(
    scope: Construct,
    name: str,
    comment: str,
    worker: PythonFunction,
    *,
    retry: RetrySettings,
    retried: Sequence[str] = (),
    execution_name: str = EXECUTION_NAME,
    assign: dict[str, Any] | None = None,
) -> tasks.LambdaInvoke:
    """The step `name`: the function is told an execution's name and the state's input.

    Tried again after errors of the Lambda service, and after those in `retried` with attempts of their own.
    """
    step = tasks.LambdaInvoke.jsonata(
        scope,
        name,
        comment=comment,
        lambda_function=worker.function,
        payload=sfn.TaskInput.from_object({"execution_name": execution_name, "input": "{% $states.input %}"}),
        outputs="{% $states.result.Payload %}",
        assign=assign,
        retry_on_service_exceptions=False,
        task_timeout=sfn.Timeout.duration(worker.timeout.plus(Duration.seconds(TIMEOUT_MARGIN_SECONDS))),
    )
    retry_on(step, LAMBDA_ERRORS, retry)
    if retried:
        retry_on(step, list(retried), retry)
    return step


def retry_on(step: sfn.TaskStateBase, errors: list[str], retry: RetrySettings) -> None:
    """Try `step` again after one of `errors`, with growing, capped and fully jittered waits."""
    step.add_retry(
        errors=errors,
        interval=Duration.seconds(retry.interval_seconds),
        backoff_rate=retry.backoff_rate,
        max_delay=Duration.seconds(retry.max_delay_seconds),
        max_attempts=retry.max_attempts,
        jitter_strategy=sfn.JitterType.FULL,
    )
