"""Where a message is kept that could not be delivered, and what says that there is one."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from contracts import names
from stacks.constructs.accepted_finding import accept

KEPT_DAYS = 14
"""The longest that SQS keeps a message."""


class DeadLetters(Construct):
    """The queue for what rules, schedules and topics of one stack could not hand over, one a stack.

    With `of`, the name of something in the stack, a further one for that.

    It and the rules have names, so that the alarm in another stack needs no output of this one for each.
    Encrypted with SQS's own key: each of the services would have to be let in to a key of the stage's, and
    the day on which that is wrong is the day on which the queue is needed.
    """

    def __init__(self, scope: Construct, id: str, *, of: str | None = None) -> None:
        super().__init__(scope, id)
        self._name = names.dead_letters(of or Stack.of(self).stack_name)
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=self._name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(KEPT_DAYS),
            removal_policy=RemovalPolicy.DESTROY,
        )
        accept(self.queue, "AwsSolutions-SQS3", "Is a queue for dead letters itself")
        self._rules: list[str] = []

    def watch(self, rule: events.Rule) -> None:
        """Count what this rule cannot deliver, though it never came to the queue.

        Raises ValueError for a rule without a name.
        """
        resource = rule.node.default_child
        if not isinstance(resource, events.CfnRule) or resource.name is None:
            raise ValueError(f"{rule.node.path} needs a rule_name: it is watched from another stack")
        self._rules.append(resource.name)

    def metrics(self, period: Duration) -> list[cloudwatch.Metric]:
        """Messages in the queue, and events that a rule gave up: all of them 0 while everything arrives."""
        waiting = cloudwatch.Metric(
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions_map={"QueueName": self._name},
            statistic="Maximum",
            period=period,
        )
        return [waiting, *(_failed(rule, period) for rule in self._rules)]


def _failed(rule: str, period: Duration) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/Events",
        metric_name="FailedInvocations",
        dimensions_map={"RuleName": rule},
        statistic="Sum",
        period=period,
    )
