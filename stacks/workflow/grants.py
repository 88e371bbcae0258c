"""Permissions that are granted where two parts meet."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from stacks.constructs.accepted_finding import KEY_ACTIONS, accept_wildcards


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


def allow_reading_results(
    role: iam.Role, data_bucket: s3.IBucket, prefix: str, encryption_key: kms.IKey | None
) -> None:
    """Read objects below `prefix`. Listing what is there is part of it, as for images."""
    role.add_to_policy(
        iam.PolicyStatement(
            sid="ReadResults",
            actions=["s3:GetObject"],
            resources=[data_bucket.arn_for_objects(f"{prefix}*")],
        )
    )
    role.add_to_policy(
        iam.PolicyStatement(
            sid="TellMissingFromDenied", actions=["s3:ListBucket"], resources=[data_bucket.bucket_arn]
        )
    )
    if encryption_key:
        encryption_key.grant_decrypt(role)
    _accept_own_keys(role, prefix)


def allow_writing(
    role: iam.Role, data_bucket: s3.IBucket, prefixes: Sequence[str], encryption_key: kms.IKey | None
) -> None:
    """Write objects below `prefixes`, large ones in parts, and nowhere else."""
    role.add_to_policy(
        iam.PolicyStatement(
            sid="WriteOwnObjects",
            actions=["s3:PutObject", "s3:AbortMultipartUpload"],
            resources=[data_bucket.arn_for_objects(f"{prefix}*") for prefix in prefixes],
        )
    )
    if encryption_key:
        encryption_key.grant_encrypt_decrypt(role)  # parts are decrypted when they become one object
    for prefix in prefixes:
        _accept_own_keys(role, prefix)


def _accept_own_keys(role: iam.Role, prefix: str) -> None:
    accept_wildcards(
        role,
        {
            f"/{prefix}*": "Each execution writes objects of its own below this prefix",
            "kms:GenerateDataKey*": KEY_ACTIONS,
            "kms:ReEncrypt*": KEY_ACTIONS,
        },
    )


def allow_invoking_endpoint(role: iam.Role, endpoint_name: str) -> None:
    """Ask this endpoint, and no other."""
    arn = Stack.of(role).format_arn(service="sagemaker", resource="endpoint", resource_name=endpoint_name)
    role.add_to_policy(
        iam.PolicyStatement(sid="AskTheEndpoint", actions=["sagemaker:InvokeEndpoint"], resources=[arn])
    )
