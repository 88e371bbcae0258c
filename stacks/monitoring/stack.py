"""What is watched: the monitor on its schedule, the dashboard, and the alarms that tell people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct, IDependable

from contracts import outputs
from contracts.names import CAPTURE_FOLDER, LOOPBACK_ACCOUNT, REPORTS_FOLDER
from stacks.artifact import ModelArtifact
from stacks.constructs.console import console_url
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.function_schedule import FunctionSchedule
from stacks.constructs.outputs import output
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.runbook import find_runbook
from stacks.inference import InferenceStack
from stacks.monitoring.function_errors import FunctionErrors
from stacks.monitoring.incidents import incidents
from stacks.monitoring.metrics import ANSWER_MEASURES, IMAGE_MEASURES, ModelMetrics
from stacks.monitoring.monitor_function import MonitorFunction
from stacks.monitoring.monitor_grants import (
    allow_monitoring_data,
    allow_reading_artifact,
    allow_watching_executions,
)
from stacks.monitoring.monitoring_dashboard import MonitoringDashboard
from stacks.monitoring.release_watch import ReleaseWatch
from stacks.monitoring.watched_workflow import WatchedWorkflow
from stacks.settings import StageSettings
from stacks.workflow import WorkflowStack

LATEST = f"{REPORTS_FOLDER}latest.html"


class MonitoringStack(Stack):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: StageSettings,
        artifact: ModelArtifact,
        data_bucket: s3.IBucket,
        inference: InferenceStack,
        workflow: WorkflowStack,
        encryption_key: kms.IKey | None,
        **options: Any,
    ) -> None:
        super().__init__(scope, id, description="scones: what is watched, and who hears of it", **options)
        for watched in (inference, workflow):
            self.add_stack_dependency(watched)  # what is in it is watched by its name
        self._settings = settings
        self._image_every = settings.monitoring.image_every if settings.endpoint.capture_input else 0
        self._dashboard_url = self._console(f"cloudwatch/home?region={self.region}#dashboards/dashboard")
        self._dashboard_url += f"/{settings.names.dashboard}"
        self._runbook = find_runbook(
            self, settings.names, settings.monitoring.runbook_url, account=settings.account
        )
        self._workflow = WatchedWorkflow(
            self, "Workflow", names=settings.names, inbox=settings.workflow.inbox.mode != "off"
        )

        monitor = self._monitor(artifact, data_bucket, inference.model_data, encryption_key)
        dead_letters = DeadLetters(self, "DeadLetters")
        schedule = self._schedule(monitor, dead_letters)
        releases = ReleaseWatch(
            self,
            "Releases",
            names=settings.names,
            data_bucket=data_bucket,
            topic=self._workflow.topic,
            runbook=self._runbook,
            dead_letters=dead_letters,
            log_days=settings.log_retention_days,
            encryption_key=encryption_key,
        )
        self._count_errors(monitor.worker, releases.worker)
        metrics = self._metrics(artifact)
        alarms = self._alarms(
            metrics, schedule, [*inference.dead_letters, *workflow.all_dead_letters, dead_letters]
        )
        self._dashboard(metrics, alarms, data_bucket)

        allow_reading_artifact(monitor.role, inference.model_data)
        allow_monitoring_data(monitor.role, data_bucket, encryption_key)
        allow_watching_executions(monitor.role, self._workflow.machines)

        artifact_url, page_url = inference.model_data.s3_object_url, data_bucket.s3_url_for_object(LATEST)
        output(self, outputs.DASHBOARD, self._dashboard_url, "Where operators look first")
        output(self, outputs.REPORT, page_url, "The latest page of the monitor")
        output(self, outputs.MONITOR, monitor.function.function_name, "Invoke it for a page at once")
        output(self, outputs.MODEL_ARTIFACT, artifact_url, "The model that is compared with")

    def _console(self, page: str) -> str:
        return f"{console_url(self)}/{page}"

    def _monitor(
        self,
        artifact: ModelArtifact,
        data_bucket: s3.IBucket,
        model_data: s3_assets.Asset,
        encryption_key: kms.IKey | None,
    ) -> MonitorFunction:
        settings = self._settings
        return MonitorFunction(
            self,
            "Function",
            names=settings.names,
            settings=settings.monitoring,
            threshold=settings.threshold(artifact.threshold),
            image_every=self._image_every,
            log_days=settings.log_retention_days,
            bucket_name=data_bucket.bucket_name,
            captured_data_uri=data_bucket.s3_url_for_object(CAPTURE_FOLDER.rstrip("/")),
            model_data=model_data,
            image_machine=self._workflow.image_machine,
            batch_machine=self._workflow.batch_machine,
            dashboard_url="" if settings.account == LOOPBACK_ACCOUNT else self._dashboard_url,
            encryption_key=encryption_key,
        )

    def _schedule(self, monitor: MonitorFunction, dead_letters: DeadLetters) -> FunctionSchedule:
        minutes = self._settings.monitoring.schedule_minutes
        return FunctionSchedule(
            self,
            "Schedule",
            name=self._settings.names.monitor,
            description=f"Runs the monitor every {minutes} minutes",
            minutes=minutes,
            function=monitor.function,
            dead_letters=dead_letters,
        )

    def _count_errors(self, *own: PythonFunction) -> None:
        """Of every function of the stage, from its log."""
        log_groups = {**self._workflow.log_groups, **{one.node.id: one.log_group for one in own}}
        for title, log_group in log_groups.items():
            FunctionErrors(
                self,
                f"{title}Errors",
                namespace=self._settings.names.errors_namespace,
                log_group=log_group,
            )

    def _metrics(self, artifact: ModelArtifact) -> ModelMetrics:
        return ModelMetrics(
            stage=self._settings.stage,
            classes=artifact.classes,
            names=artifact.names,
            measures=ANSWER_MEASURES + (IMAGE_MEASURES if self._image_every else ()),
            period=Duration.minutes(self._settings.monitoring.schedule_minutes),
        )

    def _alarms(
        self, metrics: ModelMetrics, monitor: IDependable, dead_letters: Sequence[DeadLetters]
    ) -> list[cloudwatch.IAlarm]:
        settings, workflow = self._settings, self._workflow
        return incidents(
            self,
            runbook=self._runbook,
            settings=settings.monitoring,
            notification=settings.notification,
            capture_percentage=settings.endpoint.capture_percentage,
            image_machine=workflow.image_machine,
            batch_machine=workflow.batch_machine,
            functions=workflow.functions,
            metrics=metrics,
            monitor=monitor,
            topic=workflow.topic,
            dead_letters=dead_letters,
        )

    def _dashboard(
        self, metrics: ModelMetrics, alarms: Sequence[cloudwatch.IAlarm], data_bucket: s3.IBucket
    ) -> None:
        settings, workflow = self._settings, self._workflow
        page = f"{data_bucket.bucket_name}?region={self.region}&prefix={LATEST}"
        MonitoringDashboard(
            self,
            "Dashboard",
            runbook=self._runbook,
            settings=settings.monitoring,
            concurrent_requests=settings.endpoint.concurrent_requests_per_instance,
            report_url=self._console(f"s3/object/{page}"),
            alarms=alarms,
            image_machine=workflow.image_machine,
            batch_machine=workflow.batch_machine,
            functions=workflow.functions,
            metrics=metrics,
        )
