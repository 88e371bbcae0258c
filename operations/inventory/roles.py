"""Roles and what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from operations.aws.accounts import Account
from operations.inventory.found import Found
from operations.inventory.ownership import Ownership, tag_map


def roles(account: Account, whose: Ownership) -> Iterator[Found]:
    """Roles that the stage's stacks made."""
    client = account.client("iam")
    for listed in account.pages("iam", "list_roles", "Roles"):
        name = listed["RoleName"]
        if name.startswith(whose.names.prefix) and whose.owns(
            name, tag_map(client.list_role_tags(RoleName=name).get("Tags"))
        ):
            delete = partial(_delete_role, account, client, name)
            yield Found(kind="role", name=name, ids=frozenset({name}), delete=delete)


def _delete_role(account: Account, client: Any, name: str) -> None:
    for policy in account.pages("iam", "list_role_policies", "PolicyNames", RoleName=name):
        client.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in account.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        client.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    client.delete_role(RoleName=name)
