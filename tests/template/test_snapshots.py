"""Templates as they are, with the smallest and the fullest settings: a change shows in review.

`pytest tests/template --snapshot-update` accepts what is meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks.workflow.definition import STATE_MACHINE, definitions

SHA256 = re.compile(r"[0-9a-f]{64}")
CDKS_OWN = ("Parameters", "Rules")  # the version of the bootstrap stack, the same in each


@pytest.mark.parametrize("stack", ["storage", "inference", "workflow", "monitoring"])
@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_template(request: pytest.FixtureRequest, snapshot: SnapshotAssertion, size: str, stack: str) -> None:
    templates: dict[str, Template] = request.getfixturevalue(size)
    assert readable(templates[stack].to_json()) == snapshot(extension_class=JSONSnapshotExtension)


def readable(template: Mapping[str, Any]) -> Any:
    """Hashes masked, definitions as objects, without what CDK adds to any stack."""
    machines = iter(definitions(template).values())
    for item in template["Resources"].values():
        item.pop("Metadata", None)
        if item["Type"] == STATE_MACHINE:
            item["Properties"]["DefinitionString"] = next(machines)
    kept = {key: value for key, value in template.items() if key not in CDKS_OWN}
    return json.loads(SHA256.sub("<sha256>", json.dumps(kept)))
