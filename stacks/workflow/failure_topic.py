"""The topic that tells people of executions that did not succeed."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from stacks.constructs.dead_letters import DeadLetters


class FailureTopic(Construct):
    """TLS only; e-mail to `emails`; alarms of this account may publish.

    What does not reach an address goes to `dead_letters`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        emails: Sequence[str],
        dead_letters: DeadLetters,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self.topic = sns.Topic(
            self, "Topic", topic_name=name, display_name=name, enforce_ssl=True, master_key=encryption_key
        )
        for address in emails:
            self.topic.add_subscription(
                subscriptions.EmailSubscription(address, dead_letter_queue=dead_letters.queue)
            )
        # A topic with a policy of its own loses the default one, which let alarms in.
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
