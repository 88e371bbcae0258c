"""Where a message is kept that could not be delivered, and what says that there is one."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.accepted_finding import accept

KEPT_DAYS = 14
"""The longest that SQS keeps a message."""


class DeadLetters(Construct):
    """A queue for what rules, schedules and topics of one stack could not hand over.

    Encrypted with SQS's own key: each of the services would have to be let in to a key of the stage's, and
    the day on which that is wrong is the day on which the queue is needed.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(KEPT_DAYS),
            removal_policy=RemovalPolicy.DESTROY,
        )
        accept(self.queue, "AwsSolutions-SQS3", "Is a queue for dead letters itself")
        self._rules: list[events.Rule] = []

    def watch(self, rule: events.Rule) -> None:
        """Count what this rule cannot deliver, though it never came to the queue."""
        self._rules.append(rule)

    def metrics(self, period: Duration) -> list[cloudwatch.Metric]:
        """Messages in the queue, and events that a rule gave up: all of them 0 while everything arrives."""
        waiting = self.queue.metric_approximate_number_of_messages_visible(period=period, statistic="Maximum")
        return [waiting, *(_failed(rule, period) for rule in self._rules)]


def _failed(rule: events.Rule, period: Duration) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/Events",
        metric_name="FailedInvocations",
        dimensions_map={"RuleName": rule.rule_name},
        statistic="Sum",
        period=period,
    )
