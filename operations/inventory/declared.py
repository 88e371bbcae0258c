"""What a stage's stacks hold, and what of it goes with them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple, get_args

from contracts.names import StackPart, StageNames
from operations.aws.accounts import Account
from operations.aws.deployment import described_stack
from operations.inventory.found import Found

KEPT = ("Retain", "RetainExceptOnCreate")


class Declared(NamedTuple):
    """`stacks`: those that are there. `goes`: by physical id, whether deleting the stack deletes it."""

    stacks: list[str]
    goes: dict[str, bool]

    def takes(self, found: Found) -> bool:
        """Whether `cdk destroy` deletes this resource."""
        return any(self.goes.get(id_, False) for id_ in found.ids)


def read_declared(account: Account, names: StageNames) -> Declared:
    """The stage's stacks as CloudFormation has them, also those that failed half-way."""
    client = account.client("cloudformation")
    stacks: list[str] = []
    goes: dict[str, bool] = {}
    for part in get_args(StackPart):
        name = names.stack(part)
        if described_stack(client, name) is None:
            continue
        stacks.append(name)
        kept = _kept(client.get_template(StackName=name)["TemplateBody"])
        summaries = account.pages(
            "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=name
        )
        for resource in summaries:
            if id_ := resource.get("PhysicalResourceId"):
                goes[id_] = resource["LogicalResourceId"] not in kept
    return Declared(stacks, goes)


def _kept(template: Any) -> set[str]:
    """Logical ids that stay when the stack goes. CDK writes JSON, which botocore reads where it can."""
    document = json.loads(template) if isinstance(template, str) else template
    resources: dict[str, Any] = document.get("Resources", {})
    return {id_ for id_, resource in resources.items() if resource.get("DeletionPolicy") in KEPT}
