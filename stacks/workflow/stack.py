"""The workflows that classify images, one by one or many at once, and how people hear of what came of it."""

from __future__ import annotations

from typing import Any

from aws_cdk import Annotations, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from contracts import outputs
from contracts.names import LOOPBACK_ACCOUNT, PACKS_FOLDER, RESULTS_FOLDER
from stacks.artifact import ModelArtifact
from stacks.constructs.console import console_url
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.outputs import output
from stacks.constructs.runbook import Runbook, find_runbook
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
        self._settings = settings
        self._data_bucket = data_bucket
        self._encryption_key = encryption_key

        functions = self._functions(artifact)
        self.dead_letters = DeadLetters(self, "DeadLetters")
        topic = self._topic()
        runbook = find_runbook(
            self, settings.names, settings.monitoring.runbook_url, account=settings.account
        )
        image_machine = self._image_machine(functions, topic, runbook)
        batch_machine = self._batch_machine(functions, topic)
        self._tell_of_stopped(image_machine, batch_machine, topic, runbook)
        self.inbox = self._inbox(image_machine, batch_machine) if self._has_inbox else None
        self._allow(functions)
        self._name_for_people(image_machine, batch_machine, topic)

    def _functions(self, artifact: ModelArtifact) -> ClassificationFunctions:
        settings = self._settings
        return ClassificationFunctions(
            self,
            "Functions",
            names=settings.names,
            settings=settings.workflow,
            threshold=settings.threshold(artifact.threshold),
            max_concurrency=settings.batch_concurrency,
            required_share=settings.endpoint.required_picture_share,
            log_days=settings.log_retention_days,
            artifact=artifact,
            bucket_name=self._data_bucket.bucket_name,
            endpoint_name=settings.names.endpoint,
            encryption_key=self._encryption_key,
        )

    def _topic(self) -> sns.ITopic:
        """Where failures and summaries are told, with a warning when nobody reads there."""
        settings = self._settings
        if not settings.notification.emails and settings.account != LOOPBACK_ACCOUNT:
            Annotations.of(self).add_warning_v2("scones:nobody-is-told", NOBODY_IS_TOLD)
        return FailureTopic(
            self,
            "Failures",
            name=settings.names.topic,
            emails=settings.notification.emails,
            dead_letters=self.dead_letters,
            encryption_key=self._encryption_key,
        ).topic

    def _image_machine(
        self, functions: ClassificationFunctions, topic: sns.ITopic, runbook: Runbook
    ) -> sfn.StateMachine:
        return ClassifyImage(
            self,
            "ClassifyImage",
            names=self._settings.names,
            settings=self._settings.workflow,
            log_days=self._settings.log_retention_days,
            functions=functions,
            topic=topic,
            runbook=runbook,
            encryption_key=self._encryption_key,
        ).state_machine

    def _batch_machine(self, functions: ClassificationFunctions, topic: sns.ITopic) -> sfn.StateMachine:
        return ClassifyBatch(
            self,
            "ClassifyBatch",
            names=self._settings.names,
            settings=self._settings.workflow,
            log_days=self._settings.log_retention_days,
            functions=functions,
            data_bucket=self._data_bucket,
            topic=topic,
            encryption_key=self._encryption_key,
        ).state_machine

    def _tell_of_stopped(
        self,
        image_machine: sfn.StateMachine,
        batch_machine: sfn.StateMachine,
        topic: sns.ITopic,
        runbook: Runbook,
    ) -> None:
        """Of executions that end without a state of theirs telling people."""
        names = self._settings.names
        StoppedExecutions(
            self,
            "StoppedExecutions",
            name=names.image_machine_stopped,
            machine=image_machine,
            topic=topic,
            runbook=runbook,
            dead_letters=self.dead_letters,
        )
        StoppedBatchExecutions(
            self,
            "StoppedBatchExecutions",
            name=names.batch_machine_stopped,
            machine=batch_machine,
            topic=topic,
            runbook=runbook,
            dead_letters=self.dead_letters,
        )

    @property
    def _has_inbox(self) -> bool:
        return self._settings.workflow.inbox.mode != "off"

    def _inbox(self, image_machine: sfn.StateMachine, batch_machine: sfn.StateMachine) -> Inbox:
        settings = self._settings.workflow.inbox
        inbox = Inbox(
            self,
            "Inbox",
            names=self._settings.names,
            settings=settings,
            log_days=self._settings.log_retention_days,
            data_bucket=self._data_bucket,
            image_machine=image_machine,
            batch_machine=batch_machine,
            dead_letters=self.dead_letters,
            encryption_key=self._encryption_key,
        )
        url = self._data_bucket.s3_url_for_object(settings.prefix)
        output(self, outputs.INBOX, url, "Images put here are classified")
        return inbox

    def _allow(self, functions: ClassificationFunctions) -> None:
        """Who may touch what."""
        bucket, key = self._data_bucket, self._encryption_key
        further_buckets = self._settings.workflow.readable_buckets
        for function in (functions.serialize_image, functions.classify_image, functions.plan_batches):
            allow_reading_images(function.role, bucket, further_buckets, key)
        allow_invoking_endpoint(functions.classify_image.role, self._settings.names.endpoint)
        allow_reading_results(functions.merge_results.role, bucket, RESULTS_FOLDER, key)
        allow_writing(functions.serialize_image.role, bucket, [PACKS_FOLDER], key)
        for function in (functions.plan_batches, functions.merge_results):
            allow_writing(function.role, bucket, [RESULTS_FOLDER], key)

    def _name_for_people(
        self, image_machine: sfn.StateMachine, batch_machine: sfn.StateMachine, topic: sns.ITopic
    ) -> None:
        """Outputs: the machines, where operators start their executions, and where to hear of them."""
        console = f"{console_url(self)}/states/home?region={self.region}#/statemachines/view"
        image_arn, batch_arn = image_machine.state_machine_arn, batch_machine.state_machine_arn
        start = "Where operators start executions over"
        output(self, outputs.IMAGE_MACHINE, image_arn, "ClassifyImage: one image an execution")
        output(self, outputs.IMAGE_MACHINE_CONSOLE, f"{console}/{image_arn}", f"{start} one image")
        output(self, outputs.BATCH_MACHINE, batch_arn, "ClassifyBatch: many images an execution")
        output(self, outputs.BATCH_MACHINE_CONSOLE, f"{console}/{batch_arn}", f"{start} many images")
        output(self, outputs.FAILURE_TOPIC, topic.topic_arn, "Where failures and summaries are told")

    @property
    def all_dead_letters(self) -> tuple[DeadLetters, ...]:
        """Of the topic and the rules, and of the inbox."""
        return (self.dead_letters, *((self.inbox.arrivals.dead_letters,) if self.inbox else ()))
