"""What Task states call: an ARN that the service knows, in a way that the type of the machine allows."""

from __future__ import annotations

from collections.abc import Iterator

from loopback_aws.states.definitions.diagnostics import NOT_EMULATED, Diagnostic
from loopback_aws.states.definitions.scopes import Scope, State
from loopback_aws.states.flow.sdk_services import not_recognized

SYNC, TOKEN = "sync", "waitForTaskToken"
PATTERNS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("dynamodb",), ()),
    **dict.fromkeys(("apigateway", "aws-sdk", "events", "lambda", "sns", "sqs"), (TOKEN,)),
    **dict.fromkeys(("athena", "codebuild", "databrew", "elasticmapreduce"), (SYNC,)),
    **dict.fromkeys(("emr-containers", "emr-serverless", "glue", "mediaconvert", "sagemaker"), (SYNC,)),
}
"""Ways to wait for a result by service, where it has not both.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""


def resource_problems(scope: Scope) -> Iterator[Diagnostic]:
    """Problems of the Task states directly in a scope."""
    for state in scope.states:
        if state.type == "Task" and isinstance(resource := state.fields.get("Resource"), str):
            yield from _problems(state, resource)


def _problems(state: State, resource: str) -> Iterator[Diagnostic]:
    location = f"{state.path}/Resource"
    parts = resource.split(":", 6)
    if len(parts) < 7 or parts[0] != "arn" or parts[2] not in ("lambda", "states"):
        yield Diagnostic(message="Value is not a valid resource ARN", location=location)
    elif parts[2] == "states" and parts[5]:
        kind, pattern = parts[5], parts[6].partition(".")[2]
        if state.machine_type == "EXPRESS":
            yield from _express(kind, pattern, location)
        wrong_way = pattern and pattern.removesuffix(":2") not in PATTERNS.get(kind, (SYNC, TOKEN))
        if wrong_way or (kind == "aws-sdk" and not_recognized(parts[6].partition(".")[0])):
            yield Diagnostic(
                message=f"The resource provided {resource} not recognized. The value is not a valid "
                "resource ARN, or the resource is not available in this region.",
                location=location,
            )
        if kind != "activity" and not _is_known(kind):
            yield Diagnostic(
                code=NOT_EMULATED,
                message=f"the local AWS does not emulate the service integration {resource}",
                location=location,
            )


def _express(kind: str, pattern: str, location: str) -> Iterator[Diagnostic]:
    if kind == "activity":
        yield Diagnostic(message="Express state machine does not support Activity ARN", location=location)
    elif pattern:
        message = f"Express state machine does not support '.{pattern}' service integration"
        yield Diagnostic(message=message, location=location)


def _is_known(service: str) -> bool:
    """Whether the interpreter has an integration of that name, be it a generic one."""
    from antlr4 import RecognitionException
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_factory as factory,
    )

    try:
        factory.state_task_service_for(service)
    except RecognitionException:
        return False
    return True
