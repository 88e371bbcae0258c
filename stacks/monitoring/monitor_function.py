"""The function that looks at what the endpoint captured: its sources, its packages, what it is told."""

from __future__ import annotations

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from contracts.names import MONITOR_FOLDER, REPORTS_FOLDER, StageNames
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.source_code import LAYER, MONITOR, NOT_LAYER, PROJECT
from stacks.settings.monitoring import MonitoringSettings

MODULE = "reports.monitor.function"
MAX_WAIT = 360
"""Minutes that Lambda keeps an event which it cannot deliver, at most."""


class MonitorFunction(Construct):
    """Runs the analysis. A run that fails is tried once more, then left to the next one on the schedule.

    `threshold` is the least confidence that counts, `image_every` as in the settings or 0 where no images
    are captured, `dashboard_url` empty where there is none.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: StageNames,
        settings: MonitoringSettings,
        threshold: float,
        image_every: int,
        log_days: int,
        bucket_name: str,
        captured_data_uri: str,
        model_data: s3_assets.Asset,
        image_machine: sfn.IStateMachine,
        batch_machine: sfn.IStateMachine,
        dashboard_url: str,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self.worker = PythonFunction(
            self,
            "Monitor",
            name=names.monitor,
            module=MODULE,
            description="Reads captured data, writes the report, emits the model's metrics",
            # Its contract is reports/monitor/environment.py.
            environment={
                "STAGE": names.stage,
                "ENDPOINT_NAME": names.endpoint,
                "DATA_BUCKET": bucket_name,
                "CAPTURE_URI": captured_data_uri,
                "MODEL_ARTIFACT": model_data.s3_object_url,
                "THRESHOLD": str(threshold),
                "STATE_MACHINE_ARN": image_machine.state_machine_arn,
                "BATCH_STATE_MACHINE_ARN": batch_machine.state_machine_arn,
                "LIMITS": settings.limits,
                "REPORTS_PREFIX": REPORTS_FOLDER,
                "STATE_PREFIX": MONITOR_FOLDER,
                "IMAGE_EVERY": str(image_every),
                "RUNBOOK_URL": settings.runbook_url or "",
                "DASHBOARD_URL": dashboard_url,
            },
            settings=settings.function,
            log_days=log_days,
            encryption_key=encryption_key,
            source=MONITOR,
            layers=[self._packages(names.monitor_packages)],
        )
        self.function = self.worker.function
        self.role = self.worker.role
        self.function.configure_async_invoke(
            retry_attempts=1,
            max_event_age=Duration.minutes(min(settings.schedule_minutes, MAX_WAIT)),
        )

    def _packages(self, name: str) -> lambda_.LayerVersion:
        """NumPy and Pillow as setup/layer.py fetched them, for the function's Python and processor."""
        return lambda_.LayerVersion(
            self,
            "Packages",
            layer_version_name=name,
            description="NumPy and Pillow",
            code=lambda_.Code.from_asset(
                str(PROJECT / LAYER), exclude=list(NOT_LAYER), ignore_mode=IgnoreMode.GIT
            ),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_14],
            compatible_architectures=[lambda_.Architecture.ARM_64],
            removal_policy=RemovalPolicy.DESTROY,
        )
