"""What Step Functions and SQS answer to the inbox, under the names that operators know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.core.errors import ClassificationError, InvalidConfiguration, WorkflowUnavailable
from lambda_src.core.excerpt import one_line

_DEPLOYMENT = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "InvalidArn",
        "InvalidClientTokenId",
        "QueueDoesNotExist",
        "StateMachineDeleting",
        "StateMachineDoesNotExist",
        "UnrecognizedClientException",
    }
)
"""Codes that stay until somebody deploys. All others, throttling among them, can pass by themselves."""


@contextmanager
def named_errors(service: str, what: str) -> Iterator[None]:
    """Raise what botocore raises inside as InvalidConfiguration or WorkflowUnavailable."""
    try:
        yield
    except ClientError as error:
        raise _named(service, what, error) from error
    except BotoCoreError as error:
        raise WorkflowUnavailable(f"{service} could not be reached for {what}: {error}") from error


def _named(service: str, what: str, error: ClientError) -> ClassificationError:
    details = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = details.get("Code") or ""
    said = f"{service} answered {status} {code} for {what}: {one_line(details.get('Message') or '')}"
    if code in _DEPLOYMENT:
        return InvalidConfiguration(f"{said}: deploy the workflow stack again")
    return WorkflowUnavailable(said)
