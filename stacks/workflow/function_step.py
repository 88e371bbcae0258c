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
# The process that ran the function is gone. Each step writes over what an earlier attempt wrote, so that it
# can be done again; a retry costs nothing until it is needed, and a batch is many images.
PROCESS_ERRORS = ["Runtime.ExitError", "Lambda.Unknown"]
PROCESS_ATTEMPTS = 5
# Out of time, or an answer that never came. What hung goes on; what is too much stays too much: once will do.
TIMEOUT_ERRORS = ["Sandbox.Timedout", "States.Timeout"]
TIMEOUT_ATTEMPTS = 1
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

    Tried again after errors of the Lambda service, after the end of its process, after a time-out, and after
    those in `retried`; each kind has attempts of its own.
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
    retry_on(step, PROCESS_ERRORS, retry, PROCESS_ATTEMPTS)
    retry_on(step, TIMEOUT_ERRORS, retry, TIMEOUT_ATTEMPTS)
    if retried:
        retry_on(step, list(retried), retry)
    return step


def retry_on(
    step: sfn.TaskStateBase, errors: list[str], retry: RetrySettings, attempts: int | None = None
) -> None:
    """Try `step` again after one of `errors`, as often as the settings say or `attempts`, with growing,
    capped and fully jittered waits."""
    step.add_retry(
        errors=errors,
        interval=Duration.seconds(retry.interval_seconds),
        backoff_rate=retry.backoff_rate,
        max_delay=Duration.seconds(retry.max_delay_seconds),
        max_attempts=retry.max_attempts if attempts is None else attempts,
        jitter_strategy=sfn.JitterType.FULL,
    )
