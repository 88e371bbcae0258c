"""The stacks' outputs are few and for people; what a stack watches of another by its name is there."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
from aws_cdk.assertions import Template

from contracts.outputs import BASE_IMAGE_DIGEST, INBOX, OUTPUTS
from stacks.constructs.source_code import PROJECT

Templates = dict[str, Template]
ONLY_WHERE_ASKED_FOR = {BASE_IMAGE_DIGEST, INBOX}
CDKS_OWN = "PublishOutput"
"""CDK's, for a reference from one stack to another."""
NAME = re.compile(r"scones-test-[a-z-]+|/aws/lambda/scones-test-[a-z-]+")


def body(template: Template) -> Mapping[str, Any]:
    return template.to_json()


@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_outputs_are_those_of_the_contract(request: pytest.FixtureRequest, size: str) -> None:
    templates: Templates = request.getfixturevalue(size)
    for part, keys in OUTPUTS.items():
        there = {key for key in body(templates[part])["Outputs"] if not key.startswith(CDKS_OWN)}
        assert there == (keys - ONLY_WHERE_ASKED_FOR if size == "smallest" else keys)


@pytest.mark.parametrize("size", ["smallest", "fullest"])
def test_only_bucket_and_key_are_known_to_other_stacks_by_reference(
    request: pytest.FixtureRequest, size: str
) -> None:
    """CloudFormation names the bucket, and no other name of a key is taken by its policies."""
    templates: Templates = request.getfixturevalue(size)
    own = {key for part in OUTPUTS for key in body(templates[part])["Outputs"] if key.startswith(CDKS_OWN)}
    assert all(re.search(r"DataBucket|EncryptionKey", key) for key in own), own
    assert len(own) == {"smallest": 2, "fullest": 3}[size]


def test_whatever_the_monitoring_stack_names_is_there(fullest: Templates) -> None:
    """A name is no reference: nothing but this tells that it is right."""

    def names(resources: Any) -> set[str]:
        return set(NAME.findall(json.dumps(resources)))

    watched = names(body(fullest["monitoring"])["Resources"])
    there = {f"scones-test-{part}" for part in OUTPUTS}
    for template in fullest.values():
        for resource in body(template)["Resources"].values():
            if resource["Type"] != "AWS::Logs::MetricFilter":  # names a log group that is not its own
                there |= names(
                    [value for key, value in resource["Properties"].items() if key.endswith("Name")]
                )
    assert watched - there == set()


def test_an_output_is_called_by_its_name_in_the_contract() -> None:
    """A key that is written out elsewhere is missed when it changes. `EndpointName` is also an API's word."""
    keys = {key for part in OUTPUTS.values() for key in part} - {"EndpointName"}
    written = re.compile(rf"""["\'](?:{"|".join(sorted(keys))})["\']""")
    sources = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    found = {
        name
        for name in sources
        if not name.startswith(("contracts/", "emulator/"))
        and name != "tests/unit/operations/aws/test_deployment.py"  # says the keys as a person reads them
        and name != "tests/template/test_outputs.py"
        and (PROJECT / name).is_file()
        and written.search((PROJECT / name).read_text(encoding="utf-8"))
    }
    assert found == set()
