"""Resources of a template by their type and name, and what its policies allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aws_cdk.assertions import Template

from contracts.consoles import CONSOLES


def only(template: Template, kind: str) -> dict[str, Any]:
    """The properties of the only resource of this type."""
    (item,) = template.find_resources(kind).values()
    properties: dict[str, Any] = item["Properties"]
    return properties


def named(template: Template, kind: str, name: str, value: str) -> dict[str, Any]:
    """The properties of the one resource of this type whose property `name` is `value`."""
    (found,) = [
        item["Properties"]
        for item in template.find_resources(kind).values()
        if item["Properties"].get(name) == value
    ]
    properties: dict[str, Any] = found
    return properties


def function(template: Template, name: str) -> dict[str, Any]:
    """The properties of the function of this name."""
    return named(template, "AWS::Lambda::Function", "FunctionName", name)


def actions(template: Template, role: str) -> dict[str, list[str]]:
    """Actions and the resources of each statement, of the policies of which the name holds `role`."""
    granted: dict[str, list[str]] = {}
    for name, policy in policies(template):
        for statement in policy["PolicyDocument"]["Statement"] if role in name else []:
            names = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            for action in names:
                granted.setdefault(action, []).append(str(statement["Resource"]))
    return granted


def policies(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Policies, with their names or with those of the roles that they are within."""
    for name, policy in template.find_resources("AWS::IAM::Policy").items():
        yield name, policy["Properties"]
    for name, role in template.find_resources("AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", ()):
            yield name, policy


LONGEST_REGION = "ap-southeast-2"


def written(value: Any, partition: str = "aws") -> str:
    """A text as it is deployed in a partition: joined, with the console's host and a region."""
    match value:
        case str():
            return value
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(written(part, partition) for part in parts)
        case {"Ref": "AWS::Region"}:
            return LONGEST_REGION
        case {"Fn::Sub": str(text)}:
            return text.replace("${AWS::AccountId}", "1" * 12).replace("${AWS::Region}", LONGEST_REGION)
        case {"Fn::FindInMap": ["Consoles", {"Ref": "AWS::Partition"}, "Host"]}:
            return CONSOLES[partition]
    raise AssertionError(f"not a text: {value}")
