"""Permissions that are granted where two parts meet."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from stacks.constructs.accepted_finding import accept_wildcards


def allow_reading_images(
    role: iam.Role, data_bucket: s3.IBucket, further_buckets: Sequence[str], encryption_key: kms.IKey | None
) -> None:
    """Read objects of the data bucket and of further buckets, named by the settings.

    Listing is part of it: without it S3 answers "access denied" for a key that is not there.
    """
    partition = Stack.of(role).partition
    arns = [data_bucket.bucket_arn, *(f"arn:{partition}:s3:::{name}" for name in further_buckets)]
    role.add_to_policy(
        iam.PolicyStatement(
            sid="ReadImages", actions=["s3:GetObject"], resources=[f"{arn}/*" for arn in arns]
        )
    )
    role.add_to_policy(
        iam.PolicyStatement(sid="TellMissingFromDenied", actions=["s3:ListBucket"], resources=arns)
    )
    if encryption_key:
        encryption_key.grant_decrypt(role)
    accept_wildcards(role, {"/*": "Operators classify any image of these buckets"})


def allow_invoking_endpoint(role: iam.Role, endpoint_name: str) -> None:
    """Ask this endpoint, and no other."""
    arn = Stack.of(role).format_arn(service="sagemaker", resource="endpoint", resource_name=endpoint_name)
    role.add_to_policy(
        iam.PolicyStatement(sid="AskTheEndpoint", actions=["sagemaker:InvokeEndpoint"], resources=[arn])
    )
