"""The customer-managed key of a stage, and which services may use it."""

from __future__ import annotations

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct


class EncryptionKey(Construct):
    """One key for bucket, captured data, volumes, logs and topic of a stage.

    Roles are granted its use where they meet it, in the stacks. What the key policy itself must say is
    which AWS services may use it on this account's behalf: they have no role to grant anything to.

    It stays whatever becomes of the stack. Taking the setting back removes it from the template just as
    deleting the stack does, and objects, logs and volumes that it encrypted would be lost with it.
    """

    def __init__(self, scope: Construct, id: str, *, alias: str) -> None:
        super().__init__(scope, id)
        self.key = kms.Key(
            self,
            "Key",
            alias=alias,
            description=f"{alias}: data, captured data, volumes, logs and notifications",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self._allow_log_groups()
        self._allow_alarms()

    def _allow_log_groups(self) -> None:
        """CloudWatch Logs uses keys as the service of its region, not as `logs.amazonaws.com`."""
        stack = Stack.of(self)
        service = f"logs.{stack.region}.amazonaws.com"
        log_groups = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:*"
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogGroupsOfThisAccount",
                principals=[iam.ServicePrincipal(service)],
                actions=[
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:Describe*",
                ],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            )
        )

    def _allow_alarms(self) -> None:
        """To publish to the encrypted topic. The rule's target is granted that by CDK, without a condition
        on the account: EventBridge's requests carry none, and its notifications would be dropped.
        """
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
