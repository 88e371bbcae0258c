"""The role that the model's container runs with: exactly what hosting needs."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from stacks.constructs.accepted_finding import KEY_ACTIONS, accept_wildcards
from stacks.constructs.assets import allow_decrypting_assets
from stacks.constructs.trust import service
from stacks.inference.serving_image import ServingImage


class EndpointRole(Construct):
    """Read this artifact, pull this image, write captured data and logs. Nothing else."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        artifact: s3_assets.Asset,
        image: ServingImage,
        capture_bucket: s3.IBucket,
        capture_prefix: str,
        log_group: logs.ILogGroup,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self.role = iam.Role(
            self,
            "Role",
            description="Execution role of the endpoint's model",
            assumed_by=service(self, "sagemaker.amazonaws.com"),
        )
        self._allow("s3:GetObject", artifact.bucket.arn_for_objects(artifact.s3_object_key))
        self._allow("s3:PutObject", capture_bucket.arn_for_objects(f"{capture_prefix}*"))
        allow_decrypting_assets(self.role, artifact.bucket)
        self._allow_metrics()
        log_group.grant(self.role, "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")
        image.grant_pull(self.role)
        if encryption_key:
            encryption_key.grant_encrypt_decrypt(self.role)
            self._allow_volumes(encryption_key)
        accept_wildcards(
            self.role,
            {
                f"/{capture_prefix}*": "Captured data gets a new key for each request",
                "*": "PutMetricData (limited to a namespace) and GetAuthorizationToken know no resources",
                "kms:GenerateDataKey*": KEY_ACTIONS,
                "kms:ReEncrypt*": KEY_ACTIONS,
            },
        )

    def _allow(self, action: str, resource: str) -> None:
        self.role.add_to_policy(iam.PolicyStatement(actions=[action], resources=[resource]))

    def _allow_volumes(self, encryption_key: kms.IKey) -> None:
        """Volumes use the key by a grant that SageMaker makes, and retires, in this role's name."""
        encryption_key.grant(self.role, "kms:DescribeKey")
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=["kms:CreateGrant"],
                resources=[encryption_key.key_arn],
                conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
            )
        )

    def _allow_metrics(self) -> None:
        """Processor and memory of the instances; the action knows no resources, the namespace limits it."""
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "AWS/SageMaker"]}},
            )
        )
