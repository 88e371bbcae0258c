"""The model behind an endpoint: artifact, image, role, endpoint, scaling."""

from __future__ import annotations

from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from contracts import outputs
from contracts.names import CAPTURE_FOLDER, VARIANT, endpoint_log_group
from stacks.artifact import ModelArtifact
from stacks.constructs.log_retention import log_retention
from stacks.constructs.outputs import output
from stacks.inference.endpoint_role import EndpointRole
from stacks.inference.endpoint_scaling import EndpointScaling
from stacks.inference.model_endpoint import ModelEndpoint
from stacks.inference.release_check import ReleaseCheck
from stacks.inference.serving_image import serving_image
from stacks.settings import StageSettings
from stacks.settings.instance_types import is_graviton


class InferenceStack(Stack):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: StageSettings,
        artifact: ModelArtifact,
        data_bucket: s3.IBucket,
        encryption_key: kms.IKey | None,
        **options: Any,
    ) -> None:
        super().__init__(scope, id, description="scones: the model behind its endpoint", **options)
        self.model_data = s3_assets.Asset(self, "ModelArtifact", path=str(artifact.path))
        image = serving_image(
            self,
            "Image",
            settings=settings.endpoint.image,
            arm=is_graviton(settings.endpoint.instance_type),
            names=settings.names,
            log_days=settings.log_retention_days,
            encryption_key=encryption_key,
        )
        log_group = logs.LogGroup(
            self,
            "EndpointLogs",
            log_group_name=endpoint_log_group(settings.names.endpoint),
            retention=log_retention(settings.log_retention_days),
            encryption_key=encryption_key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        execution = EndpointRole(
            self,
            "Execution",
            names=settings.names,
            digest=artifact.sha256,
            artifact=self.model_data,
            image=image,
            capture_bucket=data_bucket,
            capture_prefix=CAPTURE_FOLDER,
            log_group=log_group,
            encryption_key=encryption_key,
        )
        serving = ModelEndpoint(
            self,
            "Serving",
            name=settings.names.endpoint,
            settings=settings.endpoint,
            artifact=self.model_data,
            digest=artifact.sha256,
            image=image,
            role=execution.role,
            capture_bucket=data_bucket,
            capture_prefix=CAPTURE_FOLDER,
            encryption_key=encryption_key,
        )
        serving.endpoint.node.add_dependency(log_group)  # or SageMaker makes it, kept for ever
        ReleaseCheck(
            self,
            "Release",
            names=settings.names,
            endpoint=serving.endpoint,
            log_days=settings.log_retention_days,
            encryption_key=encryption_key,
        )
        if settings.endpoint.max_instances > settings.endpoint.min_instances:
            EndpointScaling(
                self, "Scaling", endpoint=serving.endpoint, variant=VARIANT, settings=settings.endpoint
            )
        self.dead_letters = image.dead_letters
        output(self, outputs.ENDPOINT, serving.endpoint.attr_endpoint_name, "For InvokeEndpoint")
        output(
            self, outputs.CAPTURED_DATA, serving.captured_data_uri, "Where requests and answers are captured"
        )
        if image.base_digest is not None:
            output(self, outputs.BASE_IMAGE_DIGEST, image.base_digest, "What the serving image is based on")
        output(self, outputs.MODEL_DIGEST, artifact.sha256, "SHA-256 of the model artifact")
