"""What a verb refuses with: its own error, and AWS's as a sentence that tells a person what to do."""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

_SIGN_IN = 'sign in to AWS; for AWS on loopback: eval "$(make up)"'
_REASONS = {
    "ExpiredToken": "The credentials have expired: sign in again",
    "ExpiredTokenException": "The credentials have expired: sign in again",
    "InvalidAccessKeyId": "The credentials are not valid: see `aws sts get-caller-identity`",
    "InvalidClientTokenId": "The credentials are not valid: see `aws sts get-caller-identity`",
    "UnrecognizedClientException": "The credentials are not valid: see `aws sts get-caller-identity`",
    "SignatureDoesNotMatch": "The credentials are not valid: see `aws sts get-caller-identity`",
    "NoSuchBucket": "The bucket does not exist",
}
_DENIED = ("AccessDenied", "AccessDeniedException", "403")


class OperationError(Exception):
    """Not possible as asked; the message names the value and the way out."""


def error_code(error: ClientError) -> str:
    """AWS's name for the error; empty when the answer has none."""
    return error.response.get("Error", {}).get("Code", "")


def explain(error: ClientError | BotoCoreError) -> str:
    """One sentence or two; AWS's own words are in it wherever they say more than its code."""
    if isinstance(error, ClientError):
        return _explain_answer(error)
    if isinstance(error, NoCredentialsError):
        return f"There are no AWS credentials: {_SIGN_IN}."
    if isinstance(error, NoRegionError):
        return "No AWS region is set: export AWS_REGION, or " + _SIGN_IN + "."
    if isinstance(error, ProfileNotFound):
        return f"{error}: correct AWS_PROFILE."
    if isinstance(error, EndpointConnectionError):
        return f'{str(error).rstrip(".")}. Is it running? AWS on loopback is started by: eval "$(make up)"'
    return str(error)


def _explain_answer(error: ClientError) -> str:
    code, operation = error_code(error), error.operation_name
    said = error.response.get("Error", {}).get("Message", "").strip().rstrip(".")
    if code in _DENIED:
        return f"Access denied to {operation}: {said or 'the permission is missing'}."
    reason = _REASONS.get(code)
    return f"{reason} ({operation}: {said})." if reason else f"{operation}: {code}: {said}."
