"""What is watched: the monitor on its schedule, the dashboard, and the alarms that tell people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.artifact import ModelArtifact
from stacks.constructs.outputs import tell
from stacks.inference import InferenceStack
from stacks.monitoring.endpoint_widgets import endpoint_widgets
from stacks.monitoring.function_errors import FunctionErrors
from stacks.monitoring.metrics import ANSWER_MEASURES, IMAGE_MEASURES, ModelMetrics
from stacks.monitoring.model_alarms import ModelAlarms
from stacks.monitoring.model_widgets import model_widgets
from stacks.monitoring.monitor_function import MonitorFunction
from stacks.monitoring.monitor_grants import (
    allow_monitoring_data,
    allow_reading_artifact,
    allow_watching_executions,
)
from stacks.monitoring.monitor_schedule import MonitorSchedule
from stacks.monitoring.monitoring_alarms import MonitoringAlarms
from stacks.monitoring.monitoring_dashboard import MonitoringDashboard
from stacks.monitoring.runbook_alarm import Incident, RunbookAlarm
from stacks.monitoring.service_alarms import ServiceAlarms
from stacks.monitoring.workflow_widgets import workflow_widgets
from stacks.settings.stage import LOOPBACK_ACCOUNT, StageSettings
from stacks.storage.data_bucket import MONITOR_PREFIX, REPORTS_PREFIX
from stacks.workflow import WorkflowStack

LATEST = f"{REPORTS_PREFIX}latest.html"


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
        self._settings, self._data_bucket = settings, data_bucket
        self._inference, self._workflow = inference, workflow
        minutes = settings.monitoring.schedule_minutes
        functions = workflow.functions.all
        images = settings.monitoring.image_every if settings.endpoint.capture_input else 0
        metrics = ModelMetrics(
            stage=settings.stage,
            classes=artifact.classes,
            measures=ANSWER_MEASURES + (IMAGE_MEASURES if images else ()),
            period=Duration.minutes(minutes),
        )
        monitor = MonitorFunction(
            self,
            "Function",
            settings=settings,
            environment=self._environment(settings.threshold(artifact.threshold), images),
            encryption_key=encryption_key,
        )
        schedule = MonitorSchedule(
            self, "Schedule", name=settings.named("monitor"), minutes=minutes, function=monitor.function
        )
        for one in (*functions, monitor.worker):
            FunctionErrors(self, f"{one.node.id}Errors", stage=settings.stage, log_group=one.log_group)

        service = ServiceAlarms(
            self,
            "Service",
            settings=settings,
            classify_image=workflow.classify_image,
            classify_batch=workflow.classify_batch,
            functions=functions,
        )
        model = ModelAlarms(self, "Model", settings=settings, metrics=metrics)
        watching = MonitoringAlarms(self, "Monitoring", settings=settings, metrics=metrics, ready=schedule)
        by_incident = {"service": service.all, "model": model.all, "monitoring": watching.all}
        incidents = [
            Incident(self, name, settings=settings, alarms=alarms, topic=workflow.failures)
            for name, alarms in by_incident.items()
        ]
        self._dashboard(metrics, incidents, [alarm for alarms in by_incident.values() for alarm in alarms])

        allow_reading_artifact(monitor.role, inference.model_data)
        allow_monitoring_data(monitor.role, data_bucket, encryption_key)
        allow_watching_executions(monitor.role, [workflow.classify_image, workflow.classify_batch])

        tell(self, "DashboardUrl", self._dashboard_url, "Where operators look first")
        tell(self, "ReportUri", data_bucket.s3_url_for_object(LATEST), "The latest page of the monitor")
        tell(self, "MonitorFunctionName", monitor.function.function_name, "Invoke it for a page at once")
        tell(self, "ModelArtifactUri", inference.model_data.s3_object_url, "The model that is compared with")

    def _environment(self, threshold: float, image_every: int) -> dict[str, str]:
        """What the function is told: its contract is reports/monitor/environment.py."""
        settings = self._settings
        return {
            "STAGE": settings.stage,
            "ENDPOINT_NAME": self._inference.endpoint_name,
            "DATA_BUCKET": self._data_bucket.bucket_name,
            "CAPTURE_URI": self._inference.captured_data_uri,
            "MODEL_ARTIFACT": self._inference.model_data.s3_object_url,
            "THRESHOLD": str(threshold),
            "STATE_MACHINE_ARN": self._workflow.classify_image.state_machine_arn,
            "BATCH_STATE_MACHINE_ARN": self._workflow.classify_batch.state_machine_arn,
            "LIMITS": settings.monitoring.limits,
            "REPORTS_PREFIX": REPORTS_PREFIX,
            "STATE_PREFIX": MONITOR_PREFIX,
            "IMAGE_EVERY": str(image_every),
            "RUNBOOK_URL": settings.monitoring.runbook_url or "",
            "DASHBOARD_URL": "" if settings.account == LOOPBACK_ACCOUNT else self._dashboard_url,
        }

    def _dashboard(
        self, metrics: ModelMetrics, incidents: Sequence[Incident], alarms: Sequence[RunbookAlarm]
    ) -> None:
        settings, workflow = self._settings, self._workflow
        page = f"{self._data_bucket.bucket_name}?region={self.region}&prefix={LATEST}"
        MonitoringDashboard(
            self,
            "Dashboard",
            name=settings.endpoint_name,
            links={
                "The latest report, in S3 (open it there)": f"{self._console}/s3/object/{page}",
                "What to do about each alarm": settings.monitoring.runbook_url
                or "docs/operations.md, chapter Alarms",
            },
            alarms=[*(one.alarm for one in incidents), *(one.alarm for one in alarms)],
            parts={
                "Endpoint": endpoint_widgets(settings),
                "Workflow": workflow_widgets(
                    classify_image=workflow.classify_image,
                    classify_batch=workflow.classify_batch,
                    functions=workflow.functions.all,
                    metrics=metrics,
                ),
                "Model": model_widgets(settings, metrics),
            },
        )

    @property
    def _console(self) -> str:
        return f"https://{self.region}.console.aws.amazon.com"

    @property
    def _dashboard_url(self) -> str:
        dashboards = f"{self._console}/cloudwatch/home?region={self.region}#dashboards/dashboard"
        return f"{dashboards}/{self._settings.endpoint_name}"
