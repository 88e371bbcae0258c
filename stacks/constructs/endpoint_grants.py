"""Looking at an endpoint: what it serves, and why not what it should."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from contracts.names import StageNames

ACCEPTED = {
    ":endpoint-config/*": "CloudFormation names configs and models, a release's anew",
    ":model/*": "CloudFormation names configs and models, a release's anew",
    ":alarm:*": "CloudFormation names the rollback alarms",
}
"""Wildcards of these statements, and why they are there."""


def looking_at_endpoint(scope: IConstruct, names: StageNames) -> list[iam.PolicyStatement]:
    """Describe the endpoint, any config and model, and the alarms of this account."""
    stack = Stack.of(scope)

    def arn(resource: str, name: str) -> str:
        return stack.format_arn(service="sagemaker", resource=resource, resource_name=name)

    alarms = stack.format_arn(
        service="cloudwatch",
        resource="alarm",
        resource_name="*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    described = {
        "sagemaker:DescribeEndpoint": arn("endpoint", names.endpoint),
        "sagemaker:DescribeEndpointConfig": arn("endpoint-config", "*"),
        "sagemaker:DescribeModel": arn("model", "*"),
        "cloudwatch:DescribeAlarms": alarms,
    }
    return [
        iam.PolicyStatement(actions=[action], resources=[resource]) for action, resource in described.items()
    ]
