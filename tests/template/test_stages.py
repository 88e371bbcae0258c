"""The stages of cdk.json are right, and differ in what they are meant to differ in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

import app as application
from contracts.names import LOOPBACK_ACCOUNT
from stacks.artifact import ModelArtifact
from stacks.settings import parse_settings, read_stage
from stacks.settings.stage import StageSettings
from tests.template.conftest import FULLEST, STAGES, new_app, stacks_of

Templates = dict[str, Template]


def properties(templates: Templates, stage: str) -> dict[str, Any]:
    """Every property of every resource by stack, type and path, the stage's name left out."""
    found: dict[str, Any] = {}
    for stack, template in templates.items():
        text = re.sub(rf'(\bscones[-/]|--stage |"){stage}\b', r"\1STAGE", json.dumps(template.to_json()))
        for item in json.loads(text)["Resources"].values():
            for path, value in leaves(item.get("Properties", {})):
                if path.endswith(".Sid"):
                    continue  # CDK makes it of a digest in which the stage's name is
                found.setdefault(f"{item['Type']}.{path}", []).append((stack, value))
    return {key: sorted(map(str, values)) for key, values in found.items()}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for below in value:
            yield from leaves(below, f"{path}[]")
    else:
        yield path, value


def test_all_stages_of_cdk_json_are_right() -> None:
    assert sorted(STAGES) == ["dev", "drivers", "local", "prod"]
    for name in STAGES:
        assert read_stage(STAGES, name).stage == name


@pytest.mark.parametrize("stage", ["local", "drivers"])
def test_what_is_for_loopback_can_be_deployed_there_only(stage: str) -> None:
    assert read_stage(STAGES, stage).account == LOOPBACK_ACCOUNT


def test_drivers_differ_from_local_in_the_model_alone() -> None:
    """So that both stand beside each other on one AWS on loopback."""
    drivers, local = read_stage(STAGES, "drivers"), read_stage(STAGES, "local")
    assert drivers.model_artifact != local.model_artifact
    assert drivers.model_copy(update={"stage": "local", "model_artifact": local.model_artifact}) == local


def test_prod_is_what_prod_should_be() -> None:
    prod = read_stage(STAGES, "prod")
    assert prod.termination_protection
    assert prod.customer_managed_key
    assert prod.storage.on_destroy == "keep"
    assert prod.endpoint.min_instances >= 2
    assert prod.endpoint.rollout.strategy == "canary"
    assert not prod.workflow.log_execution_data


def test_one_setting_changes_what_it_is_for_and_nothing_else(
    synthesize: Callable[[StageSettings], Templates],
) -> None:
    given = {key: value for key, value in FULLEST.items() if key != "endpoint"}
    endpoint = {**FULLEST["endpoint"], "capture_percentage": 55}
    before = properties(synthesize(parse_settings("test", FULLEST)), "test")
    after = properties(synthesize(parse_settings("test", {**given, "endpoint": endpoint})), "test")
    assert {key for key in before | after if before.get(key) != after.get(key)} == {
        "AWS::SageMaker::EndpointConfig.DataCaptureConfig.InitialSamplingPercentage",
        "AWS::CloudWatch::Alarm.Threshold",  # requests of which none is captured by chance
        "AWS::CloudWatch::Alarm.AlarmDescription",
        "AWS::CloudWatch::CompositeAlarm.AlarmDescription",
    }


def test_the_name_of_a_stage_changes_names_only(synthesize: Callable[[StageSettings], Templates]) -> None:
    one, other = (synthesize(parse_settings(name, FULLEST)) for name in ("blue", "green"))
    assert properties(one, "blue") == properties(other, "green")


def test_stages_beside_each_other_share_no_name(synthesize: Callable[[StageSettings], Templates]) -> None:
    """So that each can be deployed and destroyed without the other."""
    one, other = (
        set(physical_names(synthesize(parse_settings(name, FULLEST)))) for name in ("blue", "green")
    )
    assert len(one) == len(other) > 40
    assert not one & other


INSIDE_ANOTHER = {"AWS::IAM::Policy", "AWS::ApplicationAutoScaling::ScalingPolicy"}
"""Their names are of a role, or of what is scaled."""


def physical_names(templates: Templates) -> Iterator[str]:
    """What resources are called in account and region, as CloudFormation puts it together."""
    for template in templates.values():
        for item in template.to_json()["Resources"].values():
            own = {f"{item['Type'].rpartition('::')[2]}Name", "Name", "GroupName"}
            for path, value in item.get("Properties", {}).items():
                if path in own and item["Type"] not in INSIDE_ANOTHER:
                    yield f"{item['Type']} {json.dumps(value)}"


@pytest.mark.parametrize("stack", ["storage", "inference", "workflow", "monitoring"])
def test_termination_protection_and_tags_come_from_the_settings(
    stack: str, artifact: ModelArtifact, tmp_path: Path
) -> None:
    built = stacks_of(application.build(new_app(tmp_path), parse_settings("test", FULLEST), artifact))[stack]
    assert built.termination_protection
    assert built.tags.tag_values() == {"project": "scones", "stage": "test", "owner": "platform"}
