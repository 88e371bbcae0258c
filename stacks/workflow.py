"""The workflow that classifies images, and how people hear of what failed."""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.artifact import ModelArtifact
from stacks.constructs.classify_image import ClassifyImage
from stacks.constructs.failed_executions_alarm import FailedExecutionsAlarm
from stacks.constructs.failure_topic import FailureTopic
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.stopped_executions import StoppedExecutions
from stacks.grants import allow_invoking_endpoint, allow_reading_images
from stacks.settings import FunctionSettings, StageSettings


class WorkflowStack(Stack):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: StageSettings,
        artifact: ModelArtifact,
        data_bucket: s3.IBucket,
        endpoint_name: str,
        encryption_key: kms.IKey | None,
        **options: Any,
    ) -> None:
        super().__init__(scope, id, description="scones: the workflow that classifies images", **options)
        workflow = settings.workflow

        def function(
            id: str, module: str, description: str, size: FunctionSettings, **environment: str
        ) -> PythonFunction:
            return PythonFunction(
                self,
                id,
                name=settings.named(module.replace("_", "-")),
                module=module,
                description=description,
                environment=environment,
                settings=size,
                log_days=settings.log_retention_days,
                encryption_key=encryption_key,
            )

        serialize_image = function(
            "SerializeImage",
            "serialize_image",
            "Checks the input and reads the image",
            workflow.serialize_image,
            DATA_BUCKET=data_bucket.bucket_name,
        )
        classify_image = function(
            "ClassifyImageFunction",
            "classify_image",
            "Asks the endpoint what the image shows",
            workflow.classify_image,
            ENDPOINT_NAME=endpoint_name,
            CLASS_COUNT=str(len(artifact.classes)),
            MODEL_DIGEST=artifact.sha256,
        )
        threshold = artifact.threshold if workflow.threshold is None else workflow.threshold
        filter_predictions = function(
            "FilterPredictions",
            "filter_predictions",
            "Keeps a confident prediction",
            workflow.filter_predictions,
            CLASS_NAMES=artifact.class_names,
            THRESHOLD=str(threshold),
        )
        failures = FailureTopic(
            self,
            "Failures",
            name=settings.named("failures"),
            emails=settings.notification.emails,
            encryption_key=encryption_key,
        ).topic
        state_machine = ClassifyImage(
            self,
            "ClassifyImage",
            name=settings.named("classify-image"),
            project=f"scones-{settings.stage}",
            serialize_image=serialize_image,
            classify_image=classify_image,
            filter_predictions=filter_predictions,
            failures=failures,
            settings=workflow,
            log_days=settings.log_retention_days,
            encryption_key=encryption_key,
        ).state_machine
        StoppedExecutions(self, "StoppedExecutions", state_machine=state_machine, failures=failures)
        FailedExecutionsAlarm(
            self,
            "FailedExecutions",
            name=settings.named("failed-executions"),
            state_machine=state_machine,
            failures=failures,
            settings=settings.notification,
        )

        for reader in (serialize_image.role, classify_image.role):
            allow_reading_images(reader, data_bucket, workflow.readable_buckets, encryption_key)
        allow_invoking_endpoint(classify_image.role, endpoint_name)
        if encryption_key:
            encryption_key.grant_encrypt_decrypt(state_machine.role)

        CfnOutput(self, "StateMachineArn", value=state_machine.state_machine_arn, description="ClassifyImage")
        CfnOutput(
            self,
            "StateMachineConsole",
            value=f"https://{self.region}.console.aws.amazon.com/states/home?region={self.region}"
            f"#/statemachines/view/{state_machine.state_machine_arn}",
            description="Where operators start executions",
        )
        CfnOutput(self, "FailureTopicArn", value=failures.topic_arn, description="What failed is told here")
