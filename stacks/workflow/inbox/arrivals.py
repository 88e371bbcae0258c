"""The queue of new objects: what S3 tells EventBridge, EventBridge's rule hands to SQS."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.dead_letters import KEPT_DAYS, DeadLetters

ATTEMPTS = 5
"""After so many a message is a dead letter."""
HIDDEN_TIMES = 6
"""A message is hidden for so many time-outs of the function, as AWS advises: no two work on it at once."""


class Arrivals(Construct):
    """Queue and rule, both called `name`.

    `queue` holds S3's event on each new object of `data_bucket` below `prefix` that ends as one of
    `suffixes`; what cannot be handed over or is not understood, `dead_letters`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        data_bucket: s3.IBucket,
        prefix: str,
        suffixes: Sequence[str],
        function_timeout: Duration,
    ) -> None:
        super().__init__(scope, id)
        self.dead_letters = DeadLetters(self, "DeadLetters", of=name)
        # Encrypted with SQS's own key: EventBridge would have to be let in to a key of the stage's, without
        # saying for which rule.
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(KEPT_DAYS),
            visibility_timeout=Duration.seconds(HIDDEN_TIMES * int(function_timeout.to_seconds())),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters.queue, max_receive_count=ATTEMPTS),
            removal_policy=RemovalPolicy.DESTROY,
        )
        rule = events.Rule(
            self,
            "Rule",
            rule_name=name,
            description=f"Queues new objects below {prefix}",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [data_bucket.bucket_name]},
                    "object": {"key": key_patterns(prefix, suffixes)},
                },
            ),
        )
        rule.add_target(targets.SqsQueue(self.queue, dead_letter_queue=self.dead_letters.queue))
        self.dead_letters.watch(rule)


def key_patterns(prefix: str, suffixes: Sequence[str]) -> list[dict[str, Any]]:
    """EventBridge's patterns of keys: a prefix, or a prefix and an ending, in lower and in upper case."""
    if not suffixes:
        return [{"prefix": prefix}]
    endings = dict.fromkeys(form for one in suffixes for form in (one, one.lower(), one.upper()))
    return [{"wildcard": f"{_literal(prefix)}*{_literal(ending)}"} for ending in endings]


def _literal(text: str) -> str:
    return re.sub(r"([*\\])", r"\\\1", text)
