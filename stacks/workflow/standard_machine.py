"""A Standard state machine as this project has them: JSONata, traced, with a log of everything."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from contracts.names import machine_log_group
from stacks.constructs.accepted_finding import KEY_ACTIONS, accept_wildcards
from stacks.constructs.log_retention import log_retention
from stacks.constructs.trust import narrow


def standard_machine(
    scope: Construct,
    definition: sfn.IChainable,
    *,
    name: str,
    comment: str,
    timeout_seconds: int,
    log_days: int,
    log_execution_data: bool,
    encryption_key: kms.IKey | None,
    wildcards: Mapping[str, str] | None = None,
) -> sfn.StateMachine:
    """The machine `name` and its log group, below `scope`.

    `log_execution_data`: states' input and output too. `wildcards`: those in its role's policies that are
    accepted besides the ones of every machine.
    """
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
            include_execution_data=log_execution_data,
            destination=_logs(scope, name, log_days, encryption_key),
        ),
    )
    machines = Stack.of(scope).format_arn(
        service="states", resource="stateMachine", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    narrow(machine.role, machines)
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
    return logs.LogGroup(
        scope,
        "Logs",
        log_group_name=machine_log_group(name),
        retention=log_retention(days),
        encryption_key=encryption_key,
        removal_policy=RemovalPolicy.DESTROY,
    )
