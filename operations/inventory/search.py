"""All that a stage made: one look at each kind of resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from operations.aws.accounts import Account
from operations.aws.errors import explain
from operations.inventory import computing, hosting, keeping, roles, telling, watching
from operations.inventory.found import Found
from operations.inventory.ownership import Ownership

Look = Callable[[Account, Ownership], Iterator[Found]]

LOOKS: dict[str, Look] = {
    "scaling": hosting.scaling,
    "endpoints": hosting.endpoints,
    "endpoint configs": hosting.configs,
    "models": hosting.models,
    "training jobs": hosting.training_jobs,
    "schedules": telling.schedules,
    "rules": telling.rules,
    "functions": computing.functions,
    "state machines": computing.machines,
    "build projects": computing.builds,
    "layer versions": computing.layers,
    "queues": telling.queues,
    "topics": telling.topics,
    "alarms": watching.alarms,
    "dashboards": watching.dashboards,
    "log groups": watching.log_groups,
    "metrics": watching.metrics,
    "image repositories": keeping.repositories,
    "roles": roles.roles,
    "buckets": keeping.buckets,
    "keys": keeping.keys,
}
"""Kinds in the order in which they can be deleted: what starts others goes before what it starts, what writes
a log before the log, and the key last."""


class Inventory(NamedTuple):
    """What was found, and which kinds could not be looked at, each with the reason."""

    found: list[Found]
    unseen: dict[str, str]


def take_inventory(
    account: Account, whose: Ownership, progress: Callable[[str], None] = lambda _kind: None
) -> Inventory:
    """Look at each kind; one that may not be looked at does not hide the others."""
    found: list[Found] = []
    unseen: dict[str, str] = {}
    for kind, look in LOOKS.items():
        progress(kind)
        try:
            found += look(account, whose)
        except (ClientError, BotoCoreError) as error:
            unseen[kind] = explain(error)
    return Inventory(found, unseen)
