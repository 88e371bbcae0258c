"""The workflows that classify images, one by one or many at once, and how people hear of what came of it."""

from __future__ import annotations

from typing import Any

from aws_cdk import Annotations, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from contracts import outputs
from contracts.names import LOOPBACK_ACCOUNT, PACKS_FOLDER, RESULTS_FOLDER
from stacks.artifact import ModelArtifact
from stacks.constructs.console import console_url
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.outputs import output
from stacks.constructs.runbook import find_runbook
from stacks.settings import StageSettings
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
from stacks.workflow.inbox import Inbox
from stacks.workflow.stopped_executions import StoppedBatchExecutions, StoppedExecutions

NOBODY_IS_TOLD = (
    "Nobody is told of failures and alarms: the setting notification.emails is empty. Put an address there "
    '(in cdk.json, "notification": {"emails": ["you@example.com"]}), or subscribe to the topic that the '
    f"output {outputs.FAILURE_TOPIC} names"
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
        encryption_key: kms.IKey | None,
        **options: Any,
    ) -> None:
        super().__init__(scope, id, description="scones: the workflows that classify images", **options)
        names = settings.names
        functions = ClassificationFunctions(
            self,
            "Functions",
            names=names,
            settings=settings.workflow,
            threshold=settings.threshold(artifact.threshold),
            max_concurrency=settings.batch_concurrency,
            required_share=settings.endpoint.required_picture_share,
            log_days=settings.log_retention_days,
            artifact=artifact,
            bucket_name=data_bucket.bucket_name,
            endpoint_name=names.endpoint,
            encryption_key=encryption_key,
        )
        dead_letters = self.dead_letters = DeadLetters(self, "DeadLetters")
        topic = FailureTopic(
            self,
            "Failures",
            name=names.topic,
            emails=settings.notification.emails,
            dead_letters=dead_letters,
            encryption_key=encryption_key,
        ).topic
        if not settings.notification.emails and settings.account != LOOPBACK_ACCOUNT:
            Annotations.of(self).add_warning_v2("scones:nobody-is-told", NOBODY_IS_TOLD)
        runbook = find_runbook(self, names, settings.monitoring.runbook_url, account=settings.account)
        image_machine = ClassifyImage(
            self,
            "ClassifyImage",
            names=names,
            settings=settings.workflow,
            log_days=settings.log_retention_days,
            functions=functions,
            topic=topic,
            runbook=runbook,
            encryption_key=encryption_key,
        ).state_machine
        batch_machine = ClassifyBatch(
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
            self,
            "StoppedExecutions",
            name=names.image_machine_stopped,
            machine=image_machine,
            topic=topic,
            runbook=runbook,
            dead_letters=dead_letters,
        )
        StoppedBatchExecutions(
            self,
            "StoppedBatchExecutions",
            name=names.batch_machine_stopped,
            machine=batch_machine,
            topic=topic,
            runbook=runbook,
            dead_letters=dead_letters,
        )
        inbox = settings.workflow.inbox
        self.inbox = None
        if inbox.mode != "off":
            self.inbox = Inbox(
                self,
                "Inbox",
                names=names,
                settings=inbox,
                log_days=settings.log_retention_days,
                data_bucket=data_bucket,
                image_machine=image_machine,
                batch_machine=batch_machine,
                dead_letters=dead_letters,
                encryption_key=encryption_key,
            )
            output(
                self,
                outputs.INBOX,
                data_bucket.s3_url_for_object(inbox.prefix),
                "Images put here are classified",
            )

        further_buckets = settings.workflow.readable_buckets
        for function in (functions.serialize_image, functions.classify_image, functions.plan_batches):
            allow_reading_images(function.role, data_bucket, further_buckets, encryption_key)
        allow_invoking_endpoint(functions.classify_image.role, names.endpoint)
        allow_reading_results(functions.merge_results.role, data_bucket, RESULTS_FOLDER, encryption_key)
        allow_writing(functions.serialize_image.role, data_bucket, [PACKS_FOLDER], encryption_key)
        for function in (functions.plan_batches, functions.merge_results):
            allow_writing(function.role, data_bucket, [RESULTS_FOLDER], encryption_key)

        console = f"{console_url(self)}/states/home?region={self.region}#/statemachines/view"
        for machine, arn_key, console_key, name, images in (
            (
                image_machine,
                outputs.IMAGE_MACHINE,
                outputs.IMAGE_MACHINE_CONSOLE,
                "ClassifyImage",
                "one image",
            ),
            (
                batch_machine,
                outputs.BATCH_MACHINE,
                outputs.BATCH_MACHINE_CONSOLE,
                "ClassifyBatch",
                "many images",
            ),
        ):
            arn = machine.state_machine_arn
            output(self, arn_key, arn, f"{name}: {images} an execution")
            output(self, console_key, f"{console}/{arn}", f"Where operators start executions over {images}")
        output(self, outputs.FAILURE_TOPIC, topic.topic_arn, "Where failures and summaries are told")

    @property
    def all_dead_letters(self) -> tuple[DeadLetters, ...]:
        """Of the topic and the rules, and of the inbox."""
        return (self.dead_letters, *((self.inbox.arrivals.dead_letters,) if self.inbox else ()))
