"""The alarms of a stage by the incident that they make up: people hear of an incident once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct, IDependable

from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.runbook import Runbook
from stacks.monitoring.metrics import ModelMetrics
from stacks.monitoring.model_alarms import ModelAlarms
from stacks.monitoring.monitoring_alarms import MonitoringAlarms
from stacks.monitoring.runbook_alarm import Incident
from stacks.monitoring.service_alarms import ServiceAlarms
from stacks.settings.monitoring import MonitoringSettings
from stacks.settings.notification import NotificationSettings


def incidents(
    stack: Construct,
    *,
    runbook: Runbook,
    settings: MonitoringSettings,
    notification: NotificationSettings,
    capture_percentage: int,
    image_machine: sfn.IStateMachine,
    batch_machine: sfn.IStateMachine,
    functions: Mapping[str, str],
    metrics: ModelMetrics,
    monitor: IDependable,
    topic: sns.ITopic,
    dead_letters: Sequence[DeadLetters],
) -> list[cloudwatch.IAlarm]:
    """The three incidents `service`, `model` and `monitoring`, which tell the topic, then all their alarms.

    `monitor`: what must be there before its own alarm looks.
    """
    service = ServiceAlarms(
        stack,
        "Service",
        runbook=runbook,
        settings=settings,
        notification=notification,
        endpoint_name=runbook.names.endpoint,
        image_machine=image_machine,
        batch_machine=batch_machine,
        functions=functions,
    )
    model = ModelAlarms(
        stack,
        "Model",
        runbook=runbook,
        limits=settings.model,
        window_hours=settings.window_hours,
        metrics=metrics,
    )
    monitoring = MonitoringAlarms(
        stack,
        "Monitoring",
        runbook=runbook,
        settings=settings,
        endpoint_name=runbook.names.endpoint,
        capture_percentage=capture_percentage,
        metrics=metrics,
        ready=monitor,
        dead_letters=dead_letters,
    )
    by_incident = {"service": service.all, "model": model.all, "monitoring": monitoring.all}
    told = [
        Incident(stack, slug, runbook=runbook, alarms=alarms, topic=topic)
        for slug, alarms in by_incident.items()
    ]
    alarms = [one.alarm for alarms in by_incident.values() for one in alarms]
    return [*(one.alarm for one in told), *alarms]
