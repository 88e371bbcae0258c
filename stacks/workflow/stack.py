"""The workflows that classify images, one by one or many at once, and how people hear of what came of it."""

from __future__ import annotations

from typing import Any

from aws_cdk import Annotations, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from contracts.names import PACKS_FOLDER, RESULTS_FOLDER
from stacks.artifact import ModelArtifact
from stacks.constructs.console import console_url
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.outputs import output
from stacks.settings import StageSettings
from stacks.settings.stage import LOOPBACK_ACCOUNT
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
from stacks.workflow.stopped_executions import StoppedBatchExecutions, StoppedExecutions

NOBODY_IS_TOLD = (
    "Nobody is told of failures and alarms: the setting notification.emails is empty. Put an address there "
    '(in cdk.json, "notification": {"emails": ["you@example.com"]}), or subscribe to the topic that the '
    "output FailureTopicArn names"
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
        names = settings.names
        functions = self.functions = ClassificationFunctions(
            self,
            "Functions",
            names=names,
            settings=settings.workflow,
            threshold=settings.threshold(artifact.threshold),
            max_concurrency=settings.batch_concurrency,
            log_days=settings.log_retention_days,
            artifact=artifact,
            bucket_name=data_bucket.bucket_name,
            endpoint_name=endpoint_name,
            encryption_key=encryption_key,
        )
        dead_letters = self.dead_letters = DeadLetters(self, "DeadLetters")
        topic = self.topic = FailureTopic(
            self,
            "Failures",
            name=names.topic,
            emails=settings.notification.emails,
            dead_letters=dead_letters,
            encryption_key=encryption_key,
        ).topic
        if not settings.notification.emails and settings.account != LOOPBACK_ACCOUNT:
            Annotations.of(self).add_warning_v2("scones:nobody-is-told", NOBODY_IS_TOLD)
        image_machine = self.image_machine = ClassifyImage(
            self,
            "ClassifyImage",
            names=names,
            settings=settings.workflow,
            log_days=settings.log_retention_days,
            functions=functions,
            topic=topic,
            encryption_key=encryption_key,
        ).state_machine
        batch_machine = self.batch_machine = ClassifyBatch(
            self,
            "ClassifyBatch",
            names=names,
            settings=settings.workflow,
            log_days=settings.log_retention_days,
            functions=functions,
            data_bucket=data_bucket,
            topic=topic,
            encryption_key=encryption_key,
        ).state_machine
        StoppedExecutions(
            self, "StoppedExecutions", machine=image_machine, topic=topic, dead_letters=dead_letters
        )
        StoppedBatchExecutions(
            self, "StoppedBatchExecutions", machine=batch_machine, topic=topic, dead_letters=dead_letters
        )

        further_buckets = settings.workflow.readable_buckets
        for function in (functions.serialize_image, functions.classify_image, functions.plan_batches):
            allow_reading_images(function.role, data_bucket, further_buckets, encryption_key)
        allow_invoking_endpoint(functions.classify_image.role, endpoint_name)
        allow_reading_results(functions.merge_results.role, data_bucket, RESULTS_FOLDER, encryption_key)
        allow_writing(functions.serialize_image.role, data_bucket, PACKS_FOLDER, encryption_key)
        for function in (functions.plan_batches, functions.merge_results):
            allow_writing(function.role, data_bucket, RESULTS_FOLDER, encryption_key)

        self._machine_outputs("", image_machine, "ClassifyImage", "one image")
        self._machine_outputs("Batch", batch_machine, "ClassifyBatch", "many images")
        output(self, "FailureTopicArn", topic.topic_arn, "Where failures and summaries are told")

    def _machine_outputs(self, prefix: str, machine: sfn.StateMachine, name: str, images: str) -> None:
        """Of a state machine: for programs, and for operators."""
        arn = machine.state_machine_arn
        console = f"{console_url(self)}/states/home?region={self.region}"
        output(self, f"{prefix}StateMachineArn", arn, f"{name}: {images} an execution")
        output(
            self,
            f"{prefix}StateMachineConsole",
            f"{console}#/statemachines/view/{arn}",
            f"Where operators start executions over {images}",
        )
