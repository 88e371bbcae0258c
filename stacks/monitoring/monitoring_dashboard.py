"""The dashboard of a stage: alarms on top, then the endpoint, the workflow and the model."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.monitoring.widgets import ROW, heading

Rows = Sequence[Sequence[cloudwatch.IWidget]]


class MonitoringDashboard(Construct):
    """`parts`: rows of widgets by their heading. `links`: what to read further, address by name."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        links: dict[str, str],
        alarms: Sequence[cloudwatch.IAlarm],
        parts: dict[str, Rows],
    ) -> None:
        super().__init__(scope, id)
        self.dashboard = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=name, default_interval=Duration.days(1)
        )
        self.dashboard.add_widgets(
            cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=ROW - 8, height=5),
            cloudwatch.TextWidget(markdown=_text(name, links), width=8, height=5),
        )
        for title, rows in parts.items():
            self.dashboard.add_widgets(heading(title))
            for row in rows:
                self.dashboard.add_widgets(*row)


def _text(name: str, links: dict[str, str]) -> str:
    """Links in Markdown; what is no address stays text."""
    lines = [
        f"- [{what}]({where})" if where.startswith("http") else f"- {what}: {where}"
        for what, where in links.items()
    ]
    return "\n".join([f"# {name}", *lines])
