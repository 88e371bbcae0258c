"""The serving image: who builds it, for which processor, in which form, and what waits for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

import app as application
from contracts.outputs import BASE_IMAGE_DIGEST
from stacks.artifact import ModelArtifact
from stacks.settings import StageSettings, parse_settings
from tests.template.conftest import new_app
from tests.template.resources import only

Templates = dict[str, Template]
DIGEST = "sha256:" + "0f" * 32


def test_the_image_is_built_in_the_account_before_the_model_needs_it(fullest: Templates) -> None:
    template = fullest["inference"]
    (build,) = template.find_resources("Custom::ServingImage")
    (model,) = template.find_resources("AWS::SageMaker::Model").values()
    assert build in model["DependsOn"]
    project = only(template, "AWS::CodeBuild::Project")
    variables = {entry["Name"]: entry["Value"] for entry in project["Environment"]["EnvironmentVariables"]}
    parts = model["Properties"]["PrimaryContainer"]["Image"]["Fn::Join"][1]
    assert parts[-1] == f":{variables['TAG']}"
    assert project["Environment"]["Type"] == "LINUX_CONTAINER"
    assert project["Environment"]["PrivilegedMode"] is True  # or no Docker inside the build
    assert variables["REGISTRY"] == "public.ecr.aws/docker/library/"  # Docker Hub limits CodeBuild
    assert variables["OUTPUT"] == "type=image,oci-mediatypes=false"  # SageMaker refuses OCI
    script = (Path(application.__file__).parent / "serving" / "build.sh").read_text()
    assert set(re.findall(r"\$\{?([A-Z_]+)", script)) == {*variables, "BASE_DIGEST"}


def test_a_stage_says_on_what_its_image_is_based_as_the_build_said(fullest: Templates) -> None:
    template = fullest["inference"]
    (build,) = template.find_resources("Custom::ServingImage")
    assert template.to_json()["Outputs"][BASE_IMAGE_DIGEST]["Value"] == {"Fn::GetAtt": [build, "BaseDigest"]}
    spec = json.loads(only(template, "AWS::CodeBuild::Project")["Source"]["BuildSpec"])
    assert spec["env"] == {"exported-variables": ["BaseDigest"]}
    (command,) = spec["phases"]["build"]["commands"]
    assert command == "BaseDigest=$(sh serving/build.sh) && export BaseDigest"


def test_a_pinned_base_reaches_the_build_and_makes_another_tag(
    synthesize: Callable[[StageSettings], Templates],
) -> None:
    def variables(**image: str) -> dict[str, Any]:
        settings = parse_settings("test", {"endpoint": {"image": {"source": "codebuild", **image}}})
        project = only(synthesize(settings)["inference"], "AWS::CodeBuild::Project")
        return {entry["Name"]: entry["Value"] for entry in project["Environment"]["EnvironmentVariables"]}

    open_, pinned = variables(), variables(base_digest=DIGEST)
    assert (open_.get("BASE_DIGEST"), pinned["BASE_DIGEST"]) == (None, DIGEST)
    assert pinned["TAG"] == f"{open_['TAG']}-{'0f' * 8}"


def test_cloudformation_hears_of_a_build_however_it_ended(fullest: Templates) -> None:
    rule = only(fullest["inference"], "AWS::Events::Rule")
    (project,) = fullest["inference"].find_resources("AWS::CodeBuild::Project")
    assert rule["EventPattern"] == {
        "source": ["aws.codebuild"],
        "detail-type": ["CodeBuild Build State Change"],
        "detail": {
            "project-name": [{"Ref": project}],
            "build-status": ["SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"],
        },
    }
    permission = only(fullest["inference"], "AWS::Lambda::Permission")
    assert permission["Principal"] == "events.amazonaws.com"


def test_built_images_cannot_be_overwritten_and_go_with_the_stack(fullest: Templates) -> None:
    repository = only(fullest["inference"], "AWS::ECR::Repository")
    assert repository["ImageTagMutability"] == "IMMUTABLE"
    assert repository["EmptyOnDelete"] is True  # a repository with images is not deleted


@pytest.mark.parametrize(("instance_type", "kind"), [("ml.m5.large", "LINUX"), ("ml.c7g.large", "ARM")])
def test_codebuild_builds_on_the_processor_of_the_instances(
    synthesize: Callable[[StageSettings], Templates], instance_type: str, kind: str
) -> None:
    image = {"instance_type": instance_type, "image": {"source": "codebuild"}}
    project = only(
        synthesize(parse_settings("test", {"endpoint": image}))["inference"], "AWS::CodeBuild::Project"
    )
    assert project["Environment"]["Type"] == f"{kind}_CONTAINER"


@pytest.mark.parametrize(
    ("instance_type", "platform"), [("ml.m5.large", "linux/amd64"), ("ml.c7g.large", "linux/arm64")]
)
def test_docker_builds_for_the_processor_of_the_instances(
    artifact: ModelArtifact, tmp_path: Path, instance_type: str, platform: str
) -> None:
    image_settings = {"base_digest": DIGEST} if platform == "linux/arm64" else {}
    settings = parse_settings("test", {"endpoint": {"instance_type": instance_type, "image": image_settings}})
    application.build(new_app(tmp_path, staged=True), settings, artifact).synth()
    assets = json.loads((tmp_path / "scones-test-inference.assets.json").read_text())
    (image,) = assets["dockerImages"].values()
    assert image["source"]["platform"] == platform
    assert image["source"].get("dockerBuildArgs", {}) == {
        name.upper(): value for name, value in image_settings.items()
    }
    assert image["source"]["dockerOutputs"] == ["type=image,oci-mediatypes=false"]  # SageMaker refuses OCI
    context = tmp_path / image["source"]["directory"]
    assert {path.name for path in context.iterdir()} == {"contracts", "pictures", "serving", "requirements"}
    assert {path.name for path in (context / "contracts").iterdir()} == {"__init__.py", "artifact"}
    assert [path.name for path in (context / "requirements").iterdir()] == ["serving.txt"]
    assert (context / image["source"]["dockerFile"]).is_file()
