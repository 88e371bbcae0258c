"""What a verb refuses with: its own error, and AWS's as a sentence that tells a person what to do."""

from __future__ import annotations

import os
import shlex

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    LoginError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

LOOPBACK = 'for AWS on loopback: eval "$(make up)"'
_REASONS = {
    "ExpiredToken": "The credentials have expired",
    "ExpiredTokenException": "The credentials have expired",
    "InvalidAccessKeyId": "The credentials are not valid: see `aws sts get-caller-identity`",
    "InvalidClientTokenId": "The credentials are not valid: see `aws sts get-caller-identity`",
    "UnrecognizedClientException": "The credentials are not valid: see `aws sts get-caller-identity`",
    "InvalidSignatureException": "The credentials are not valid: see `aws sts get-caller-identity`",
    "SignatureDoesNotMatch": "The credentials are not valid: see `aws sts get-caller-identity`",
    "NoSuchBucket": "The bucket does not exist: `aws s3 ls` lists those that do",
}


class OperationError(Exception):
    """Not possible as asked; the message names the value and the way out."""


def error_code(error: ClientError) -> str:
    """AWS's name for the error; empty when the answer has none."""
    return error.response.get("Error", {}).get("Code", "")


def meant_code(error: ClientError) -> str:
    """One name for what has several. Answers without a body, to HeadObject and HeadBucket, have a status."""
    code = error_code(error)
    if code in ("403", "AccessDeniedException"):
        return "AccessDenied"
    if code == "404":
        return "NoSuchBucket" if error.operation_name == "HeadBucket" else "NoSuchKey"
    return code


def explain(error: ClientError | BotoCoreError) -> str:
    """One sentence or two; AWS's own words are in it wherever they say more than its code."""
    if isinstance(error, ClientError):
        return _explain_answer(error)
    if isinstance(error, NoCredentialsError):
        return f"There are no AWS credentials. Sign in: {sign_in('sso')} or aws configure; {LOOPBACK}"
    if isinstance(error, NoRegionError):
        return f"No AWS region is set: export AWS_REGION=us-east-1, or your own; {LOOPBACK}"
    if isinstance(error, ProfileNotFound):
        return f"{error}: `aws configure list-profiles` lists those that there are; export AWS_PROFILE=NAME"
    if isinstance(error, LoginError):
        return f"You are not signed in ({_said(error)}): {sign_in('login')}"
    if isinstance(error, SSOError | TokenRetrievalError):
        return f"You are not signed in ({_said(error)}): {sign_in('sso')}"
    if isinstance(error, CredentialRetrievalError | PartialCredentialsError):
        return f"The credentials cannot be used ({_said(error)}): `aws configure list` says whose they are"
    if isinstance(error, EndpointConnectionError):
        return f"{_said(error)}. Is it running? {LOOPBACK[0].upper()}{LOOPBACK[1:]}"
    return str(error)


def sign_in(kind: str) -> str:
    """The command that signs in again, for the profile in use; `kind`: sso or login, the AWS CLI has both."""
    profile = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    command = "aws sso login" if kind == "sso" else "aws login"
    return f"{command} --profile {shlex.quote(profile)}" if profile else command


def _said(error: BotoCoreError) -> str:
    return str(error).rstrip(".")


def _explain_answer(error: ClientError) -> str:
    code, operation = meant_code(error), error.operation_name
    said = error.response.get("Error", {}).get("Message", "").strip().rstrip(".")
    if code == "AccessDenied":
        return f"Access denied to {operation}: {said or 'the permission is missing'}."
    reason = _REASONS.get(code)
    if code.startswith("ExpiredToken"):
        return f"{reason} ({operation}: {said}). Sign in again: {sign_in('sso')}; {LOOPBACK}"
    return f"{reason} ({operation}: {said})." if reason else f"{operation}: {code}: {said}."
