"""A finding of the policy that is accepted, with the reason, where it arises."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import jsii
from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import IConstruct, IValidation

KEY_ACTIONS = "The families of actions that using one key for encryption takes, on that key only"


def accept(where: IConstruct, finding: str, reason: str) -> None:
    """Accept `finding`, such as `AwsSolutions-S1`, on this construct and those below it."""
    Validations.of(where).acknowledge(Acknowledgment(id=finding, reason=reason))


def accept_wildcards(where: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept wildcards in the policies of roles below `where`: resource or action -> reason.

    A key is compared with the statement's end, `/data-capture/*` say, and `*` with a bare star only.
    A wildcard that no key names stays a finding, and so does the action `*`.
    """
    where.node.add_validation(_Wildcards(where, reasons))


@jsii.implements(IValidation)
class _Wildcards:
    """cdk-nag names a wildcard by its rendered statement, and references to other stacks are rendered
    only when the whole tree is known. Validation is the step after that and before the policy's turn.
    """

    def __init__(self, where: IConstruct, reasons: Mapping[str, str]) -> None:
        self._where = where
        self._reasons = reasons

    def validate(self) -> list[str]:
        """Accepts; has nothing to complain about itself."""
        for policy in self._where.node.find_all():
            for document in _documents(policy):
                for finding in _wildcards(document):
                    self._accept(policy, finding)
        return []

    def _accept(self, policy: IConstruct, finding: str) -> None:
        kind, _, value = finding.partition("::")
        for end, reason in self._reasons.items():
            if (value == end and finding != "Action::*") or (end != "*" and value.endswith(end)):
                # What acknowledge() records, without its stack trace: at this point that holds the
                # temporary folder of the process, and two syntheses would differ.
                rule = f"Annotation::AwsSolutions-IAM5[{kind}::{value}]"
                policy.node.add_metadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, {rule: reason})


def _documents(construct: IConstruct) -> list[dict[str, Any]]:
    """What it allows: a policy, or those within a role."""
    if isinstance(construct, iam.CfnPolicy):
        return [Stack.of(construct).resolve(construct.policy_document)]
    if isinstance(construct, iam.CfnRole):
        policies = Stack.of(construct).resolve(construct.policies) or []
        return [policy["policyDocument"] for policy in policies]
    return []


def _wildcards(document: dict[str, Any]) -> Iterator[str]:
    for statement in document["Statement"]:
        for kind in ("Action", "Resource"):
            values = statement.get(kind, [])
            for value in values if isinstance(values, list) else [values]:
                flat = _flat(value)
                if fnmatchcase(flat, "*[*]*"):
                    yield f"{kind}::{flat}"


def _flat(value: Any) -> str:
    """A rendered value as cdk-nag writes it: `<Resource.Arn>/*`."""
    match value:
        case str():
            return value
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_flat(part) for part in parts)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::ImportValue": name}:
            return _flat(name)
        case {"Fn::Sub": str(text)}:
            return text.replace("${", "<").replace("}", ">")
    return json.dumps(value, separators=(",", ":"))
