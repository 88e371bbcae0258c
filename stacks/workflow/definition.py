"""The definition of a state machine as Step Functions will read it, from a synthesized template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

STATE_MACHINE = "AWS::StepFunctions::StateMachine"


def definitions(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each state machine of a template by its name, with names in place of what deployment will fill in."""
    machines = (
        item["Properties"] for item in template["Resources"].values() if item["Type"] == STATE_MACHINE
    )
    return {
        _text(machine["StateMachineName"]): json.loads(_text(machine["DefinitionString"]))
        for machine in machines
    }


def _text(value: Any) -> str:
    """A string of a template with its references replaced: a pseudo parameter's usual value, or a name."""
    match value:
        case str():
            return value
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_text(part) for part in parts)
        case {"Ref": "AWS::Partition"}:
            return "aws"
        case {"Fn::FindInMap": [mapping, _, key]}:
            return f"{mapping}.{key}"
        case {"Fn::Sub": str(text)}:
            return text
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"{resource}.{attribute}"
    raise ValueError(f"a definition holds a reference that is not known here: {json.dumps(value)}")
