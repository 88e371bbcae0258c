"""What is watched: the monitor on its schedule, the dashboard, and the alarms that tell people."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from contracts.names import REPORTS_FOLDER
from stacks.artifact import ModelArtifact
from stacks.constructs.console import console_url
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.outputs import output
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
from stacks.monitoring.monitor_schedule import MonitorSchedule
from stacks.monitoring.monitoring_dashboard import MonitoringDashboard
from stacks.settings import StageSettings
from stacks.settings.stage import LOOPBACK_ACCOUNT
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
        names, monitoring = settings.names, settings.monitoring
        console = console_url(self)
        dashboards = f"{console}/cloudwatch/home?region={self.region}#dashboards/dashboard"
        dashboard_url = f"{dashboards}/{names.dashboard}"
        image_every = monitoring.image_every if settings.endpoint.capture_input else 0
        monitor = MonitorFunction(
            self,
            "Function",
            names=names,
            settings=monitoring,
            threshold=settings.threshold(artifact.threshold),
            image_every=image_every,
            log_days=settings.log_retention_days,
            bucket_name=data_bucket.bucket_name,
            endpoint_name=inference.endpoint_name,
            captured_data_uri=inference.captured_data_uri,
            model_data=inference.model_data,
            image_machine=workflow.image_machine,
            batch_machine=workflow.batch_machine,
            dashboard_url="" if settings.account == LOOPBACK_ACCOUNT else dashboard_url,
            encryption_key=encryption_key,
        )
        dead_letters = DeadLetters(self, "DeadLetters")
        schedule = MonitorSchedule(
            self,
            "Schedule",
            name=names.monitor,
            minutes=monitoring.schedule_minutes,
            function=monitor.function,
            dead_letters=dead_letters,
        )
        for one in (*workflow.functions.all, monitor.worker):
            FunctionErrors(
                self, f"{one.node.id}Errors", namespace=names.errors_namespace, log_group=one.log_group
            )
        metrics = ModelMetrics(
            stage=settings.stage,
            classes=artifact.classes,
            measures=ANSWER_MEASURES + (IMAGE_MEASURES if image_every else ()),
            period=Duration.minutes(monitoring.schedule_minutes),
        )
        alarms = incidents(
            self,
            names=names,
            settings=monitoring,
            notification=settings.notification,
            capture_percentage=settings.endpoint.capture_percentage,
            image_machine=workflow.image_machine,
            batch_machine=workflow.batch_machine,
            functions=workflow.functions.all,
            metrics=metrics,
            monitor=schedule,
            topic=workflow.topic,
            dead_letters=[*inference.dead_letters, workflow.dead_letters, dead_letters],
        )
        page = f"{data_bucket.bucket_name}?region={self.region}&prefix={LATEST}"
        MonitoringDashboard(
            self,
            "Dashboard",
            names=names,
            settings=monitoring,
            concurrent_requests=settings.endpoint.concurrent_requests_per_instance,
            report_url=f"{console}/s3/object/{page}",
            alarms=alarms,
            image_machine=workflow.image_machine,
            batch_machine=workflow.batch_machine,
            functions=workflow.functions.all,
            metrics=metrics,
        )

        allow_reading_artifact(monitor.role, inference.model_data)
        allow_monitoring_data(monitor.role, data_bucket, encryption_key)
        allow_watching_executions(monitor.role, [workflow.image_machine, workflow.batch_machine])

        output(self, "DashboardUrl", dashboard_url, "Where operators look first")
        output(self, "ReportUri", data_bucket.s3_url_for_object(LATEST), "The latest page of the monitor")
        output(self, "MonitorFunctionName", monitor.function.function_name, "Invoke it for a page at once")
        output(
            self, "ModelArtifactUri", inference.model_data.s3_object_url, "The model that is compared with"
        )
