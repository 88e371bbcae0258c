"""The function that looks at what the endpoint captured: its sources, its packages, what it is told."""

from __future__ import annotations

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.python_function import PythonFunction
from stacks.constructs.source_code import LAYER, MONITOR, NOT_LAYER, PROJECT
from stacks.settings import StageSettings

MODULE = "reports.monitor.function"
MAX_WAIT = 360
"""Minutes that Lambda keeps an event which it cannot deliver, at most."""


class MonitorFunction(Construct):
    """Runs the analysis. A run that fails is tried once more, then left to the next one on the schedule."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: StageSettings,
        environment: dict[str, str],
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self.worker = PythonFunction(
            self,
            "Monitor",
            name=settings.named("monitor"),
            module=MODULE,
            description="Reads captured data, writes the report, emits the model's metrics",
            environment=environment,
            settings=settings.monitoring.function,
            log_days=settings.log_retention_days,
            encryption_key=encryption_key,
            source=MONITOR,
            layers=[self._packages(settings)],
        )
        self.function = self.worker.function
        self.role = self.worker.role
        self.function.configure_async_invoke(
            retry_attempts=1,
            max_event_age=Duration.minutes(min(settings.monitoring.schedule_minutes, MAX_WAIT)),
        )

    def _packages(self, settings: StageSettings) -> lambda_.LayerVersion:
        """NumPy and Pillow as setup/layer.py fetched them, for the function's Python and processor."""
        return lambda_.LayerVersion(
            self,
            "Packages",
            layer_version_name=settings.named("monitor-packages"),
            description="NumPy and Pillow",
            code=lambda_.Code.from_asset(
                str(PROJECT / LAYER), exclude=list(NOT_LAYER), ignore_mode=IgnoreMode.GIT
            ),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_14],
            compatible_architectures=[lambda_.Architecture.ARM_64],
            removal_policy=RemovalPolicy.DESTROY,
        )
