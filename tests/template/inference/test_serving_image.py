"""The serving image: who builds it, for which processor, in which form, and what waits for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk.assertions import Template

import app as application
from stacks.artifact import ModelArtifact
from stacks.settings import StageSettings, parse_settings
from tests.template.conftest import new_app
from tests.template.resources import only

Templates = dict[str, Template]


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
    commands = project["Source"]["BuildSpec"]
    assert "--build-arg REGISTRY=public.ecr.aws/docker/library/ " in commands  # Docker Hub limits CodeBuild
    assert "--provenance=false --output type=image,oci-mediatypes=false " in commands  # SageMaker refuses OCI


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
    settings = parse_settings("test", {"endpoint": {"instance_type": instance_type}})
    application.build(new_app(tmp_path, staged=True), settings, artifact).synth()
    assets = json.loads((tmp_path / "scones-test-inference.assets.json").read_text())
    (image,) = assets["dockerImages"].values()
    assert image["source"]["platform"] == platform
    assert image["source"]["dockerOutputs"] == ["type=image,oci-mediatypes=false"]  # SageMaker refuses OCI
    context = tmp_path / image["source"]["directory"]
    assert {path.name for path in context.iterdir()} == {"contracts", "serving", "requirements"}
    assert {path.name for path in (context / "contracts").iterdir()} == {"__init__.py", "artifact"}
    assert [path.name for path in (context / "requirements").iterdir()] == ["serving.txt"]
    assert (context / image["source"]["dockerFile"]).is_file()
