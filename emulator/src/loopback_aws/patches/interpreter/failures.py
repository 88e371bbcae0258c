"""moto's errors: their names as AWS gives them, and who of Retry and Catch matches them."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_dynamodb,
    state_task_service_sfn,
    state_task_service_sns,
    state_task_service_sqs,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_activitiy import (
    StateTaskActivity,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import StateTaskLambda
from moto.stepfunctions.parser.asl.eval.callback.callback import HeartbeatTimeoutError

from loopback_aws.states.flow.attempts import attempt, record_failure
from loopback_aws.states.flow.error_names import MissedHeartbeat, matches
from loopback_aws.states.flow.sdk_services import boto_service, error_prefix, exception_name

_COMPONENT = "moto.stepfunctions.parser.asl.component"
_TASK = f"{_COMPONENT}.state.exec.state_task"
OPTIMIZED: dict[Any, tuple[str, str, str]] = {
    state_task_service_dynamodb.StateTaskServiceDynamoDB: (
        "DynamoDB",
        "AmazonDynamoDBException",
        "AmazonDynamoDBv2",
    ),
    state_task_service_sfn.StateTaskServiceSfn: (
        "StepFunctions",
        "AWSStepFunctionsException",
        "AWSStepFunctions",
    ),
    state_task_service_sns.StateTaskServiceSns: ("SNS", "AmazonSNSException", "AmazonSNS"),
    state_task_service_sqs.StateTaskServiceSqs: ("SQS", "AmazonSQSException", "AmazonSQS"),
}
"""Tasks of optimized integrations, which speak through the SDK for Java's first version: what names of errors
begin with, the name of an error that is not in the service's model, and the service in causes."""
PRIVATE = (
    f"{_COMPONENT}.common.error_name.error_equals_decl:ErrorEqualsDecl._eval_body",
    f"{_COMPONENT}.state.exec.execute_state:ExecutionState._eval_state",
    f"{_TASK}.state_task:StateTask._from_error",
    f"{_TASK}.state_task_activitiy:StateTaskActivity._from_error",
    f"{_TASK}.state_task_lambda:StateTaskLambda._from_error",
    *(f"{task.__module__}:{task.__name__}._from_error" for task in OPTIMIZED),
    f"{_TASK}.service.state_task_service_lambda:StateTaskServiceLambda._error_cause_from_client_error",
    f"{_TASK}.service.state_task_service_aws_sdk:StateTaskServiceAwsSdk._normalise_service_error_name",
    f"{_TASK}.service.state_task_service_aws_sdk:StateTaskServiceAwsSdk._normalise_exception_name",
)
HEADS = {"HeadObject": "S3.NoSuchKeyException", "HeadBucket": "S3.NoSuchBucketException"}
"""What the SDK for Java makes of a 404 of S3 without a body."""


def apply() -> None:
    """Replace the matching of errors, the attempts of a task and the names that moto gets wrong."""
    ErrorEqualsDecl._eval_body = evaluate_names
    ExecutionState._eval_state = evaluate_task
    _name_heartbeats(StateTask)
    _name_heartbeats(StateTaskActivity)
    _name_service_errors()


def evaluate_names(declared: Any, env: Any) -> None:
    """Replace the error on the stack by whether one of the names matches it."""
    error = env.stack.pop()
    env.stack.append(matches([name.error_name for name in declared.error_names], error))


def evaluate_task(state: Any, env: Any) -> None:
    """Evaluate a Task state."""
    attempt(state, env, each_time=record_failure)


def _name_heartbeats(task: Any) -> None:
    from_error = task._from_error

    def named(self: Any, env: Any, ex: Exception) -> Any:
        failure = from_error(self, env, ex)
        if isinstance(ex, HeartbeatTimeoutError):
            failure.error_name = MissedHeartbeat()
        return failure

    task._from_error = named


def _name_service_errors() -> None:
    """A direct ARN has the names of lambda:invoke, all others have those of the SDK for Java."""
    from_error = StateTaskLambda._from_error

    def of_function(self: Any, env: Any, ex: Exception) -> Any:
        failure = from_error(self, env, ex)
        if isinstance(ex, ClientError):
            error, cause = StateTaskServiceLambda._error_cause_from_client_error(ex)
            failure.error_name = ErrorName(error)
            failure.event_details["lambdaFunctionFailedEventDetails"] |= {"error": error, "cause": cause}
        return failure

    def of_sdk(name: str) -> str:
        return error_prefix(boto_service(name) or name)

    def of_exception(name: str, ex: Exception) -> str:
        operation = getattr(ex, "operation_name", "")
        missing = isinstance(ex, ClientError) and ex.response["Error"]["Code"] in ("404", "NotFound")
        if name == "S3" and missing and operation in HEADS:
            return HEADS[operation]
        return f"{name}.{exception_name(ex, f'{name}Exception')}"

    for task, names in OPTIMIZED.items():
        _name_optimized(task, *names)
    StateTaskLambda._from_error = of_function
    StateTaskServiceAwsSdk._normalise_service_error_name = staticmethod(of_sdk)
    StateTaskServiceAwsSdk._normalise_exception_name = staticmethod(of_exception)


def _name_optimized(task: Any, prefix: str, of_service: str, service: str) -> None:
    from_error = task._from_error

    def named(self: Any, env: Any, ex: Exception) -> Any:
        failure = from_error(self, env, ex)
        if isinstance(ex, ClientError):
            error = f"{prefix}.{exception_name(ex, of_service)}"
            told, metadata = ex.response["Error"], ex.response["ResponseMetadata"]
            cause = (
                f"{told['Message']} (Service: {service}; Status Code: {metadata['HTTPStatusCode']}; "
                f"Error Code: {told['Code']}; Request ID: {metadata['RequestId']}; Proxy: null)"
            )
            failure.error_name = ErrorName(error)
            failure.event_details["taskFailedEventDetails"] |= {"error": error, "cause": cause}
        return failure

    task._from_error = named
