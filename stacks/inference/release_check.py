"""What fails a deployment whose model does not serve, whatever CloudFormation has heard of the endpoint."""

from __future__ import annotations

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from contracts.names import StageNames
from stacks.constructs.accepted_finding import accept_wildcards
from stacks.constructs.endpoint_grants import ACCEPTED, looking_at_endpoint
from stacks.constructs.python_function import PythonFunction
from stacks.settings.functions import FunctionSettings

LONGEST_CHECK = Duration.minutes(15)
"""The longest that a function runs; CloudFormation has waited for the endpoint before."""


class ReleaseCheck(Construct):
    """A custom resource behind the endpoint, new with each config: it fails where another one serves."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: StageNames,
        endpoint: sagemaker.CfnEndpoint,
        log_days: int,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        checker = PythonFunction(
            self,
            "Check",
            name=names.release_check,
            module="lambda_src.check_release",
            description="Fails a deployment after which the endpoint serves another config",
            environment={"ENDPOINT_NAME": names.endpoint},
            settings=FunctionSettings(timeout_seconds=int(LONGEST_CHECK.to_seconds())),
            log_days=log_days,
            encryption_key=encryption_key,
        )
        for statement in looking_at_endpoint(self, names):
            checker.role.add_to_policy(statement)
        accept_wildcards(checker.role, ACCEPTED)
        check = CustomResource(
            self,
            "Checked",
            service_token=checker.function.function_arn,
            service_timeout=LONGEST_CHECK.plus(Duration.minutes(1)),
            resource_type="Custom::ServedConfig",
            properties={"EndpointConfigName": endpoint.endpoint_config_name},
        )
        check.node.add_dependency(endpoint, checker)
