"""The workflow that classifies images, and how people hear of what failed."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.artifact import ModelArtifact
from stacks.constructs.classification_functions import ClassificationFunctions
from stacks.constructs.classify_image import ClassifyImage
from stacks.constructs.failed_executions_alarm import FailedExecutionsAlarm
from stacks.constructs.failure_topic import FailureTopic
from stacks.constructs.stopped_executions import StoppedExecutions
from stacks.grants import allow_invoking_endpoint, allow_reading_images
from stacks.outputs import tell
from stacks.settings import StageSettings


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
        functions = ClassificationFunctions(
            self,
            "Functions",
            settings=settings,
            artifact=artifact,
            bucket_name=data_bucket.bucket_name,
            endpoint_name=endpoint_name,
            encryption_key=encryption_key,
        )
        failures = FailureTopic(self, "Failures", settings=settings, encryption_key=encryption_key).topic
        workflow = ClassifyImage(
            self,
            "ClassifyImage",
            settings=settings,
            functions=functions,
            failures=failures,
            encryption_key=encryption_key,
        ).state_machine
        StoppedExecutions(self, "StoppedExecutions", state_machine=workflow, failures=failures)
        FailedExecutionsAlarm(
            self, "FailedExecutions", settings=settings, state_machine=workflow, failures=failures
        )

        further_buckets = settings.workflow.readable_buckets
        for function in (functions.serialize_image, functions.classify_image):
            allow_reading_images(function.role, data_bucket, further_buckets, encryption_key)
        allow_invoking_endpoint(functions.classify_image.role, endpoint_name)

        console = f"https://{self.region}.console.aws.amazon.com/states/home?region={self.region}"
        tell(self, "StateMachineArn", workflow.state_machine_arn, "ClassifyImage")
        tell(
            self,
            "StateMachineConsole",
            f"{console}#/statemachines/view/{workflow.state_machine_arn}",
            "Where operators start executions",
        )
        tell(self, "FailureTopicArn", failures.topic_arn, "Where failures are told")
