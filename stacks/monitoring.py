"""What is watched: the monitor on its schedule, the dashboard, and the alarms that tell people."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.artifact import ModelArtifact
from stacks.constructs.data_bucket import MONITOR_PREFIX, REPORTS_PREFIX
from stacks.constructs.endpoint_widgets import endpoint_widgets
from stacks.constructs.function_errors import FunctionErrors
from stacks.constructs.model_alarms import ModelAlarms
from stacks.constructs.model_widgets import model_widgets
from stacks.constructs.monitor_function import MonitorFunction
from stacks.constructs.monitor_schedule import MonitorSchedule
from stacks.constructs.monitoring_alarms import MonitoringAlarms
from stacks.constructs.monitoring_dashboard import MonitoringDashboard
from stacks.constructs.runbook_alarm import Incident
from stacks.constructs.service_alarms import ServiceAlarms
from stacks.constructs.workflow_widgets import workflow_widgets
from stacks.inference import InferenceStack
from stacks.metrics import ANSWER_MEASURES, IMAGE_MEASURES, ModelMetrics
from stacks.monitor_grants import allow_monitoring_data, allow_reading_artifact, allow_watching_executions
from stacks.outputs import tell
from stacks.settings import StageSettings
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
        images = settings.monitoring.image_every if settings.endpoint.capture_input else 0
        metrics = ModelMetrics(
            stage=settings.stage,
            classes=artifact.classes,
            measures=ANSWER_MEASURES + (IMAGE_MEASURES if images else ()),
            period=Duration.minutes(settings.monitoring.schedule_minutes),
        )
        functions = workflow.functions.all
        monitor = MonitorFunction(
            self,
            "Function",
            settings=settings,
            environment={
                "STAGE": settings.stage,
                "ENDPOINT_NAME": inference.endpoint_name,
                "DATA_BUCKET": data_bucket.bucket_name,
                "CAPTURE_URI": inference.captured_data_uri,
                "MODEL_ARTIFACT": inference.model_data.s3_object_url,
                "THRESHOLD": str(settings.threshold(artifact.threshold)),
                "STATE_MACHINE_ARN": workflow.classify_image.state_machine_arn,
                "BATCH_STATE_MACHINE_ARN": workflow.classify_batch.state_machine_arn,
                "LIMITS": settings.monitoring.limits,
                "REPORTS_PREFIX": REPORTS_PREFIX,
                "STATE_PREFIX": MONITOR_PREFIX,
                "IMAGE_EVERY": str(images),
                "RUNBOOK_URL": settings.monitoring.runbook_url or "",
            },
            encryption_key=encryption_key,
        )
        schedule = MonitorSchedule(
            self,
            "Schedule",
            name=settings.named("monitor"),
            minutes=settings.monitoring.schedule_minutes,
            function=monitor.function,
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
        ).all
        model = ModelAlarms(self, "Model", settings=settings, metrics=metrics).all
        monitoring = MonitoringAlarms(
            self, "Monitoring", settings=settings, metrics=metrics, ready=schedule
        ).all
        incidents = [
            Incident(self, name, settings=settings, alarms=alarms, topic=workflow.failures)
            for name, alarms in (("service", service), ("model", model), ("monitoring", monitoring))
        ]

        allow_reading_artifact(monitor.role, inference.model_data)
        allow_monitoring_data(monitor.role, data_bucket, encryption_key)
        allow_watching_executions(monitor.role, [workflow.classify_image, workflow.classify_batch])

        console = f"https://{self.region}.console.aws.amazon.com"
        report = f"{console}/s3/object/{data_bucket.bucket_name}?region={self.region}&prefix={LATEST}"
        MonitoringDashboard(
            self,
            "Dashboard",
            name=settings.endpoint_name,
            links={
                "The latest report (open or download it in S3)": report,
                "What to do about each alarm": settings.monitoring.runbook_url
                or "docs/operations.md, a section an alarm",
            },
            alarms=[
                *(one.alarm for one in incidents),
                *(one.alarm for one in (*service, *model, *monitoring)),
            ],
            parts={
                "Endpoint": endpoint_widgets(settings),
                "Workflow": workflow_widgets(
                    classify_image=workflow.classify_image,
                    classify_batch=workflow.classify_batch,
                    functions=functions,
                    metrics=metrics,
                ),
                "Model": model_widgets(settings, metrics),
            },
        )
        dashboards = f"{console}/cloudwatch/home?region={self.region}#dashboards/dashboard"
        tell(self, "DashboardUrl", f"{dashboards}/{settings.endpoint_name}", "Where operators look first")
        tell(self, "ReportUri", data_bucket.s3_url_for_object(LATEST), "The latest page of the monitor")
        tell(self, "MonitorFunctionName", monitor.function.function_name, "Invoke it for a page at once")
        tell(self, "ModelArtifactUri", inference.model_data.s3_object_url, "The model that is compared with")
