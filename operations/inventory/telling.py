"""What starts and tells: rules, schedules, queues, topics."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from operations.aws.accounts import Account
from operations.inventory.found import Found
from operations.inventory.ownership import Ownership, tag_map


def rules(account: Account, whose: Ownership) -> Iterator[Found]:
    """EventBridge's rules."""
    client = account.client("events")
    for rule in account.pages("events", "list_rules", "Rules", NamePrefix=whose.names.prefix):
        name, arn = rule["Name"], rule["Arn"]
        if whose.owns(name, tag_map(client.list_tags_for_resource(ResourceARN=arn).get("Tags"))):
            delete = partial(_delete_rule, client, name)
            yield Found(kind="rule", name=name, ids=frozenset({name, arn}), delete=delete)


def _delete_rule(client: Any, name: str) -> None:
    """A rule goes only without targets."""
    targets = [target["Id"] for target in client.list_targets_by_rule(Rule=name)["Targets"]]
    if targets:
        client.remove_targets(Rule=name, Ids=targets)
    client.delete_rule(Name=name)


def schedules(account: Account, whose: Ownership) -> Iterator[Found]:
    """EventBridge Scheduler's; they bear no tags."""
    client = account.client("scheduler")
    for listed in account.pages("scheduler", "list_schedules", "Schedules", NamePrefix=whose.names.prefix):
        name = listed["Name"]
        if whose.by_name(name):
            delete = partial(client.delete_schedule, Name=name)
            yield Found(kind="schedule", name=name, ids=frozenset({name}), delete=delete)


def queues(account: Account, whose: Ownership) -> Iterator[Found]:
    """Queues, with what waits in them."""
    client = account.client("sqs")
    for url in account.pages("sqs", "list_queues", "QueueUrls", QueueNamePrefix=whose.names.prefix):
        name = url.rpartition("/")[2]
        if not whose.owns(name, client.list_queue_tags(QueueUrl=url).get("Tags", {})):
            continue
        asked = client.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        waiting = int(asked["Attributes"]["ApproximateNumberOfMessages"])
        yield Found(
            kind="queue",
            name=name,
            ids=frozenset({url}),
            note=f"{waiting:,} messages" if waiting else "",
            delete=partial(client.delete_queue, QueueUrl=url),
        )


def topics(account: Account, whose: Ownership) -> Iterator[Found]:
    """SNS topics, and with them their subscriptions."""
    client = account.client("sns")
    for listed in account.pages("sns", "list_topics", "Topics"):
        arn = listed["TopicArn"]
        name = arn.rpartition(":")[2]
        if name.startswith(whose.names.prefix) and whose.owns(
            name, tag_map(client.list_tags_for_resource(ResourceArn=arn).get("Tags"))
        ):
            delete = partial(client.delete_topic, TopicArn=arn)
            yield Found(kind="topic", name=name, ids=frozenset({arn}), delete=delete)
