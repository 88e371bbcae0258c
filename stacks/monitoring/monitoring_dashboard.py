"""The dashboard of a stage: alarms on top, then the endpoint, the workflow and the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.runbook import Runbook
from stacks.monitoring.endpoint_widgets import endpoint_widgets
from stacks.monitoring.metrics import ModelMetrics
from stacks.monitoring.model_widgets import model_widgets
from stacks.monitoring.widgets import ROW, heading
from stacks.monitoring.workflow_widgets import workflow_widgets
from stacks.settings.monitoring import MonitoringSettings


class MonitoringDashboard(Construct):
    """`report_url`: the latest page; `concurrent_requests`: those that one instance should hold at once."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        runbook: Runbook,
        settings: MonitoringSettings,
        concurrent_requests: int,
        report_url: str,
        alarms: Sequence[cloudwatch.IAlarm],
        image_machine: sfn.IStateMachine,
        batch_machine: sfn.IStateMachine,
        functions: Mapping[str, str],
        metrics: ModelMetrics,
    ) -> None:
        super().__init__(scope, id)
        links = {
            "The latest report, in S3 (open it there)": report_url,
            "What to do about each alarm": str(runbook),
        }
        parts = {
            "Endpoint": endpoint_widgets(
                runbook.names.endpoint,
                latency_limit_ms=settings.alarms.endpoint_latency_ms,
                concurrent_requests=concurrent_requests,
            ),
            "Workflow": workflow_widgets(
                image_machine=image_machine,
                batch_machine=batch_machine,
                functions=functions,
                metrics=metrics,
            ),
            "Model": model_widgets(metrics, limits=settings.model, window_hours=settings.window_hours),
        }
        dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=runbook.names.dashboard,
            default_interval=Duration.days(1),
            # Else CloudWatch adds up longer periods over a longer time, and "in 5 minutes" is wrong.
            period_override=cloudwatch.PeriodOverride.INHERIT,
        )
        dashboard.add_widgets(
            cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=ROW - 8, height=5),
            cloudwatch.TextWidget(markdown=_text(runbook.names.dashboard, links), width=8, height=5),
        )
        for title, rows in parts.items():
            dashboard.add_widgets(heading(title))
            for row in rows:
                dashboard.add_widgets(*row)


def _text(name: str, links: dict[str, str]) -> str:
    """Links in Markdown; what is no address stays text."""
    lines = [
        f"- [{what}]({where})" if where.startswith("http") else f"- {what}: {where}"
        for what, where in links.items()
    ]
    return "\n".join([f"# {name}", *lines])
