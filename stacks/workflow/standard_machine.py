"""A Standard state machine as this project has them: JSONata, traced, with a log of everything."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.accepted_finding import KEY_ACTIONS, accept_wildcards
from stacks.constructs.log_retention import log_retention
from stacks.settings import StageSettings


def standard_machine(
    scope: Construct,
    definition: sfn.IChainable,
    *,
    settings: StageSettings,
    part: str,
    comment: str,
    timeout_seconds: int,
    encryption_key: kms.IKey | None,
    wildcards: Mapping[str, str] | None = None,
) -> sfn.StateMachine:
    """The machine `scones-<stage>-<part>` and its log group, below `scope`.

    `wildcards`: those in its role's policies that are accepted besides the ones of every machine.
    """
    name = settings.named(part)
    machine = sfn.StateMachine(
        scope,
        "StateMachine",
        state_machine_name=name,
        state_machine_type=sfn.StateMachineType.STANDARD,
        definition_body=sfn.DefinitionBody.from_chainable(definition),
        query_language=sfn.QueryLanguage.JSONATA,
        comment=comment,
        timeout=Duration.seconds(timeout_seconds),
        tracing_enabled=True,
        logs=sfn.LogOptions(
            level=sfn.LogLevel.ALL,
            include_execution_data=settings.workflow.log_execution_data,
            destination=_logs(scope, name, settings.log_retention_days, encryption_key),
        ),
    )
    if encryption_key:
        encryption_key.grant_encrypt_decrypt(machine.role)
    accept_wildcards(
        machine,
        {
            ".Arn>:*": "Versions of the functions, which the grant of CDK covers too",
            "*": "X-Ray's actions and the delivery of logs know no resources",
            "kms:GenerateDataKey*": KEY_ACTIONS,
            "kms:ReEncrypt*": KEY_ACTIONS,
            **(wildcards or {}),
        },
    )
    return machine


def _logs(scope: Construct, name: str, days: int, encryption_key: kms.IKey | None) -> logs.LogGroup:
    """Below the prefix that keeps the account's log resource policy from growing with each machine."""
    return logs.LogGroup(
        scope,
        "Logs",
        log_group_name=f"/aws/vendedlogs/states/{name}",
        retention=log_retention(days),
        encryption_key=encryption_key,
        removal_policy=RemovalPolicy.DESTROY,
    )
