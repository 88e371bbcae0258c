"""Clients of AWS as every verb makes them; AWS_ENDPOINT_URL leads them to loopback."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

CONNECTIONS = 64
"""The most calls of one client at the same time that need not wait for a connection."""
_CONFIG = Config(max_pool_connections=CONNECTIONS, retries={"mode": "standard", "total_max_attempts": 8})


def heed_region() -> None:
    """Let botocore know AWS_REGION, which is CDK's name for it: before the first client is made."""
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region


def s3_client() -> S3Client:
    """Threads may share it."""
    return boto3.client("s3", config=_CONFIG)


def stepfunctions_client() -> SFNClient:
    """Threads may share it."""
    return boto3.client("stepfunctions", config=_CONFIG)


def cloudformation_client() -> CloudFormationClient:
    """Threads may share it. Every verb asks it first, and so hears soon where nobody answers."""
    return boto3.client(
        "cloudformation", config=Config(retries={"mode": "standard", "total_max_attempts": 3})
    )
