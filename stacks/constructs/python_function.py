"""A function in Python, with its own role and its own log group."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from contracts.names import function_log_group
from stacks.constructs.accepted_finding import accept_wildcards
from stacks.constructs.log_retention import log_retention
from stacks.constructs.source_code import FUNCTIONS, PROJECT
from stacks.constructs.trust import service
from stacks.settings.functions import FunctionSettings


class PythonFunction(Construct):
    """Runs `<module>.handler` from those of the project's files that `source` leaves (see source_code.py).

    Permissions are granted where it meets what it uses.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        module: str,
        description: str,
        environment: dict[str, str],
        settings: FunctionSettings,
        log_days: int,
        encryption_key: kms.IKey | None,
        source: Sequence[str] = FUNCTIONS,
        layers: Sequence[lambda_.ILayerVersion] = (),
    ) -> None:
        super().__init__(scope, id)
        self.timeout = Duration.seconds(settings.timeout_seconds)
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=function_log_group(name),
            retention=log_retention(log_days),
            encryption_key=encryption_key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(
            self,
            "Role",
            description=f"Role of the function {name}",
            assumed_by=service(self, "lambda.amazonaws.com"),
        )
        self.log_group.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(str(PROJECT), exclude=list(source), ignore_mode=IgnoreMode.GIT),
            layers=list(layers),
            handler=f"{module}.handler",
            role=self.role,
            environment=environment,
            memory_size=settings.memory_mb,
            timeout=self.timeout,
            reserved_concurrent_executions=settings.reserved_concurrency,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
        )
        accept_wildcards(self.role, {"*": "X-Ray's actions know no resources"})
