"""The workflows that classify images, one by one or many at once, and how people hear of what came of it."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.artifact import ModelArtifact
from stacks.constructs.outputs import tell
from stacks.settings import StageSettings
from stacks.storage.data_bucket import PACKS_PREFIX, RESULTS_PREFIX
from stacks.workflow.classification_functions import ClassificationFunctions
from stacks.workflow.classify_batch import ClassifyBatch
from stacks.workflow.classify_image import ClassifyImage
from stacks.workflow.failure_topic import FailureTopic
from stacks.workflow.grants import (
    allow_invoking_endpoint,
    allow_reading_images,
    allow_reading_results,
    allow_writing,
)
from stacks.workflow.stopped_executions import (
    STOPPED,
    UNSUCCESSFUL,
    StoppedExecutions,
    batch_lines,
    image_lines,
)


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
        super().__init__(scope, id, description="scones: the workflows that classify images", **options)
        functions = self.functions = ClassificationFunctions(
            self,
            "Functions",
            settings=settings,
            artifact=artifact,
            bucket_name=data_bucket.bucket_name,
            endpoint_name=endpoint_name,
            encryption_key=encryption_key,
        )
        topic = FailureTopic(self, "Failures", settings=settings, encryption_key=encryption_key)
        failures = self.failures = topic.topic
        one = self.classify_image = ClassifyImage(
            self,
            "ClassifyImage",
            settings=settings,
            functions=functions,
            failures=failures,
            encryption_key=encryption_key,
        ).state_machine
        many = self.classify_batch = ClassifyBatch(
            self,
            "ClassifyBatch",
            settings=settings,
            functions=functions,
            data_bucket=data_bucket,
            topic=failures,
            encryption_key=encryption_key,
        ).state_machine
        StoppedExecutions(
            self,
            "StoppedExecutions",
            state_machine=one,
            statuses=STOPPED,
            lines=image_lines(),
            description="Tells people of executions that timed out or were aborted",
            failures=failures,
        )
        StoppedExecutions(
            self,
            "StoppedBatchExecutions",
            state_machine=many,
            statuses=UNSUCCESSFUL,
            lines=batch_lines(),
            description="Tells people of executions over many images that did not succeed",
            failures=failures,
        )

        further_buckets = settings.workflow.readable_buckets
        for function in (functions.serialize_image, functions.classify_image, functions.plan_batches):
            allow_reading_images(function.role, data_bucket, further_buckets, encryption_key)
        allow_invoking_endpoint(functions.classify_image.role, endpoint_name)
        allow_reading_results(functions.merge_results.role, data_bucket, RESULTS_PREFIX, encryption_key)
        allow_writing(functions.serialize_image.role, data_bucket, PACKS_PREFIX, encryption_key)
        for function in (functions.plan_batches, functions.merge_results):
            allow_writing(function.role, data_bucket, RESULTS_PREFIX, encryption_key)

        self._tell_machine("", one, "ClassifyImage", "one image")
        self._tell_machine("Batch", many, "ClassifyBatch", "many images")
        tell(self, "FailureTopicArn", failures.topic_arn, "Where failures and summaries are told")

    def _tell_machine(self, prefix: str, machine: sfn.StateMachine, name: str, images: str) -> None:
        """Outputs of a state machine: for programs, and for operators."""
        arn = machine.state_machine_arn
        console = f"https://{self.region}.console.aws.amazon.com/states/home?region={self.region}"
        tell(self, f"{prefix}StateMachineArn", arn, f"{name}: {images} an execution")
        tell(
            self,
            f"{prefix}StateMachineConsole",
            f"{console}#/statemachines/view/{arn}",
            f"Where operators start executions over {images}",
        )
