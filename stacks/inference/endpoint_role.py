"""The role that the model's container runs with: exactly what hosting needs."""

from __future__ import annotations

from aws_cdk import ArnFormat, CfnDeletionPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from contracts.artifact.digest import short_digest
from contracts.names import StageNames
from stacks.constructs.accepted_finding import KEY_ACTIONS, accept_wildcards
from stacks.constructs.assets import ANY_KEY, decrypting_assets
from stacks.constructs.trust import service
from stacks.inference.serving_image import ServingImage


class EndpointRole(Construct):
    """Read this artifact, pull this image, write captured data and logs, see the rollback alarms; no more.

    A role a model, told apart by its path: a new model gets a new role, and the one before it stays with all
    that it may do. While an update shifts traffic, and after one that was rolled back, SageMaker replaces
    instances of the old fleet, and those read the old artifact. That is why its policy is within it: one that
    stands beside roles would be taken off the old one before the endpoint switches.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: StageNames,
        digest: str,
        artifact: s3_assets.Asset,
        image: ServingImage,
        capture_bucket: s3.IBucket,
        capture_prefix: str,
        log_group: logs.ILogGroup,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        statements = [
            _allow("s3:GetObject", artifact.bucket.arn_for_objects(artifact.s3_object_key)),
            _allow("s3:PutObject", capture_bucket.arn_for_objects(f"{capture_prefix}*")),
            decrypting_assets(self, artifact.bucket),
            _metrics(),
            _logs(log_group),
            _allow("cloudwatch:DescribeAlarms", _alarms(self)),
            *image.pulling(),
            *_key(encryption_key),
        ]
        self.role = iam.Role(
            self,
            "Role",
            path=f"/{names.prefix}/{short_digest(digest)}/",
            description="Execution role of the endpoint's model",
            assumed_by=service(self, "sagemaker.amazonaws.com"),
            inline_policies={"Hosting": iam.PolicyDocument(statements=statements)},
        )
        resource = self.role.node.default_child
        assert isinstance(resource, iam.CfnRole)
        resource.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
        accept_wildcards(
            self.role,
            {
                f"/{capture_prefix}*": "Captured data gets a new key for each request",
                **ANY_KEY,
                f":alarm:{Stack.of(self).stack_name}-*": "The rollback alarms, which CloudFormation names",
                "*": "PutMetricData (limited to a namespace) and GetAuthorizationToken know no resources",
                "kms:GenerateDataKey*": KEY_ACTIONS,
                "kms:ReEncrypt*": KEY_ACTIONS,
            },
        )


def _allow(action: str, *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[action], resources=list(resources))


def _alarms(scope: Construct) -> str:
    """Alarms of this stack: SageMaker looks at them as this role. They watch a fleet by its config, which
    comes after the model and so after this role, whose policy cannot name them."""
    stack = Stack.of(scope)
    return stack.format_arn(
        service="cloudwatch",
        resource="alarm",
        resource_name=f"{stack.stack_name}-*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def _metrics() -> iam.PolicyStatement:
    """Processor and memory of the instances; the action knows no resources, the namespace limits it."""
    return iam.PolicyStatement(
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "AWS/SageMaker"]}},
    )


def _logs(group: logs.ILogGroup) -> iam.PolicyStatement:
    actions = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    return iam.PolicyStatement(actions=actions, resources=[group.log_group_arn])


def _key(key: kms.IKey | None) -> list[iam.PolicyStatement]:
    """Captured data, and volumes: those use the key by a grant that SageMaker makes in this role's name."""
    if key is None:
        return []
    using = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    return [
        iam.PolicyStatement(actions=using, resources=[key.key_arn]),
        iam.PolicyStatement(
            actions=["kms:CreateGrant"],
            resources=[key.key_arn],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]
