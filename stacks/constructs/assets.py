"""Reading the bucket of assets that `cdk bootstrap` made, whatever key encrypts it."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from stacks.constructs.accepted_finding import accept_wildcards

ANY_KEY = {":key/*": "Whichever key the bucket of assets has; S3 and that bucket only"}


def decrypting_assets(scope: IConstruct, assets: s3.IBucket) -> iam.PolicyStatement:
    """To decrypt what S3 hands out of this bucket, and nothing else.

    The application does not know whether the bucket has a key of the customer's, and which. S3 names the
    bucket or the object to KMS, so that the grant is for them and not for a key.
    """
    stack = Stack.of(scope)
    return iam.PolicyStatement(
        sid="DecryptAssets",
        actions=["kms:Decrypt"],
        resources=[stack.format_arn(service="kms", resource="key", resource_name="*")],
        conditions={
            "StringEquals": {"kms:ViaService": f"s3.{stack.region}.{stack.url_suffix}"},
            "ArnLike": {"kms:EncryptionContext:aws:s3:arn": [assets.bucket_arn, assets.arn_for_objects("*")]},
        },
    )


def allow_decrypting_assets(role: iam.IRole, assets: s3.IBucket) -> None:
    """Give a role that statement."""
    role.add_to_principal_policy(decrypting_assets(role, assets))
    accept_wildcards(role, ANY_KEY)
