"""A SageMaker endpoint from a model artifact: Model, EndpointConfig and Endpoint.

Model and EndpointConfig are immutable and stay unnamed, so that a new artifact, image or setting replaces
them; the endpoint's and the variant's names stay, so that the endpoint is updated in place.
"""

from __future__ import annotations

from aws_cdk import CfnDeletionPolicy, CfnResource
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from contracts.names import VARIANT
from stacks.inference.rollback_alarms import rollback_alarms
from stacks.inference.serving_image import ServingImage
from stacks.settings.endpoint import EndpointSettings, RolloutSettings


class ModelEndpoint(Construct):
    """The endpoint `name`, capturing requests and answers below `capture_prefix` of `capture_bucket`.

    `digest` is the artifact's SHA-256: the container answers with it, so that each result names its model.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        settings: EndpointSettings,
        artifact: s3_assets.Asset,
        digest: str,
        image: ServingImage,
        role: iam.IRole,
        capture_bucket: s3.IBucket,
        capture_prefix: str,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self._key_arn = encryption_key.key_arn if encryption_key else None
        self.captured_data_uri = capture_bucket.s3_url_for_object(capture_prefix.rstrip("/"))
        model = self._model(artifact, digest, image, role, settings.required_picture_share)
        config = self._config(model, settings)
        alarms = rollback_alarms(
            self,
            endpoint=name,
            variant=VARIANT,
            config=config.attr_endpoint_config_name,
            rollout=settings.rollout,
        )
        self.endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=name,
            endpoint_config_name=config.attr_endpoint_config_name,
            deployment_config=_guardrails(alarms, settings.rollout),
            retain_all_variant_properties=settings.keep_scaled_capacity or None,
        )

    def _model(
        self,
        artifact: s3_assets.Asset,
        digest: str,
        image: ServingImage,
        role: iam.IRole,
        required_share: float,
    ) -> sagemaker.CfnModel:
        model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=role.role_arn,
            enable_network_isolation=True,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                image=image.uri,
                model_data_url=artifact.s3_object_url,
                environment={"MODEL_DIGEST": digest, "REQUIRED_SHARE": str(required_share)},
            ),
        )
        _keep_replaced(model)
        if ready := image.ready():
            model.node.add_dependency(ready)
        return model

    def _config(self, model: sagemaker.CfnModel, settings: EndpointSettings) -> sagemaker.CfnEndpointConfig:
        variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=VARIANT,
            model_name=model.attr_model_name,
            instance_type=settings.instance_type,
            initial_instance_count=settings.min_instances,
            initial_variant_weight=1,
        )
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            production_variants=[variant],
            data_capture_config=self._capture(settings),
            kms_key_id=self._key_arn,
        )
        _keep_replaced(config)
        return config

    def _capture(self, settings: EndpointSettings) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
        """Answers, and requests if asked for. Declared JSON stays text; images, undeclared, are base64."""
        config = sagemaker.CfnEndpointConfig
        modes = ("Input", "Output") if settings.capture_input else ("Output",)
        return config.DataCaptureConfigProperty(
            enable_capture=True,
            initial_sampling_percentage=settings.capture_percentage,
            destination_s3_uri=self.captured_data_uri,
            capture_options=[config.CaptureOptionProperty(capture_mode=mode) for mode in modes],
            capture_content_type_header=config.CaptureContentTypeHeaderProperty(
                json_content_types=["application/json"]
            ),
            kms_key_id=self._key_arn,
        )


def _keep_replaced(resource: CfnResource) -> None:
    """After an alarm has rolled an update back, the endpoint serves the model and the config of before,
    whatever CloudFormation knows of it: what a deployment replaces stays until it is certain what serves."""
    resource.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN


def _guardrails(
    alarms: list[cloudwatch.Alarm], rollout: RolloutSettings
) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
    endpoint = sagemaker.CfnEndpoint
    return endpoint.DeploymentConfigProperty(
        blue_green_update_policy=endpoint.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=_traffic(rollout),
            termination_wait_in_seconds=rollout.termination_wait_seconds,
            maximum_execution_timeout_in_seconds=rollout.timeout_seconds,
        ),
        auto_rollback_configuration=endpoint.AutoRollbackConfigProperty(
            alarms=[endpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in alarms]
        ),
    )


def _traffic(rollout: RolloutSettings) -> sagemaker.CfnEndpoint.TrafficRoutingConfigProperty:
    endpoint = sagemaker.CfnEndpoint

    def share(strategy: str, percent: int) -> sagemaker.CfnEndpoint.CapacitySizeProperty | None:
        if rollout.strategy != strategy:
            return None
        return endpoint.CapacitySizeProperty(type="CAPACITY_PERCENT", value=percent)

    return endpoint.TrafficRoutingConfigProperty(
        type=rollout.strategy.upper(),
        wait_interval_in_seconds=rollout.bake_seconds,
        canary_size=share("canary", rollout.canary_percent),
        linear_step_size=share("linear", rollout.linear_percent),
    )
