"""Scaling of an endpoint's variant by the requests that its instances hold at once."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.settings.endpoint import EndpointSettings


class EndpointScaling(Construct):
    """Between the minimum and the maximum of instances, towards the concurrency that one should hold.

    The target names the endpoint by reference: CloudFormation registers it after the endpoint came up
    and deregisters it before the endpoint goes.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        endpoint: sagemaker.CfnEndpoint,
        variant: str,
        settings: EndpointSettings,
    ) -> None:
        super().__init__(scope, id)
        target = scaling.ScalableTarget(
            self,
            "Target",
            service_namespace=scaling.ServiceNamespace.SAGEMAKER,
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            role=_service_linked_role(self),
            resource_id=f"endpoint/{endpoint.attr_endpoint_name}/variant/{variant}",
            min_capacity=settings.min_instances,
            max_capacity=settings.max_instances,
        )
        # Ten-second metric: the classic invocations per instance takes minutes to notice a peak.
        target.scale_to_track_metric(
            "ConcurrentRequests",
            policy_name="concurrent-requests",
            predefined_metric=scaling.PredefinedMetric.SAGEMAKER_VARIANT_CONCURRENT_REQUESTS_PER_MODEL_HIGH_RESOLUTION,
            target_value=settings.concurrent_requests_per_instance,
            scale_out_cooldown=Duration.seconds(settings.scale_out_cooldown_seconds),
            scale_in_cooldown=Duration.seconds(settings.scale_in_cooldown_seconds),
        )


def _service_linked_role(scope: Construct) -> iam.IRole:
    """The role that Application Auto Scaling has for SageMaker; CDK would add one to no purpose."""
    arn = Stack.of(scope).format_arn(
        service="iam",
        region="",
        resource="role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com",
        resource_name="AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
    )
    return iam.Role.from_role_arn(scope, "Role", arn)
