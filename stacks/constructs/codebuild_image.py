"""The serving image built by CodeBuild inside the account: nobody needs Docker to deploy."""

from __future__ import annotations

from typing import Any

from aws_cdk import CustomResource, Duration, IgnoreMode, RemovalPolicy, Validations
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import custom_resources as cr
from constructs import Construct, IDependable

from stacks.source_code import FUNCTIONS, PROJECT, SERVING

KEPT_IMAGES = 10
BUILD_LIMIT = Duration.minutes(30)


class CodeBuildImage(Construct):
    """A repository, a project that fills it, and a custom resource that waits for the build.

    The tag is the hash of the sources: unchanged sources are not built again, changed ones give a new
    address and so a new Model.
    """

    def __init__(self, scope: Construct, id: str, *, arm: bool) -> None:
        super().__init__(scope, id)
        self._source = s3_assets.Asset(
            self, "Source", path=str(PROJECT), exclude=list(SERVING), ignore_mode=IgnoreMode.GIT
        )
        self._tag = f"{self._source.asset_hash}-{'arm64' if arm else 'amd64'}"
        self._repository = self._make_repository()
        self._project = self._make_project(arm)
        self._build = self._make_build()
        self.uri = self._repository.repository_uri_for_tag(self._tag)

    def grant_pull(self, role: iam.IRole) -> None:
        self._repository.grant_pull(role)

    def ready(self) -> IDependable | None:
        return self._build

    def _make_repository(self) -> ecr.Repository:
        return ecr.Repository(
            self,
            "Repository",
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            lifecycle_rules=[ecr.LifecycleRule(max_image_count=KEPT_IMAGES)],
            removal_policy=RemovalPolicy.DESTROY,
            empty_on_delete=True,
        )

    def _make_project(self, arm: bool) -> codebuild.Project:
        image: Any = (
            codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0
            if arm
            else codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5
        )
        project = codebuild.Project(
            self,
            "Project",
            description="Builds the serving image from its sources",
            source=codebuild.Source.s3(bucket=self._source.bucket, path=self._source.s3_object_key),
            build_spec=codebuild.BuildSpec.from_object(_build_spec()),
            environment=codebuild.BuildEnvironment(
                build_image=image,
                privileged=True,
                compute_type=codebuild.ComputeType.SMALL,
            ),
            environment_variables={
                "REPOSITORY": codebuild.BuildEnvironmentVariable(value=self._repository.repository_uri),
                "REPOSITORY_NAME": codebuild.BuildEnvironmentVariable(value=self._repository.repository_name),
                "TAG": codebuild.BuildEnvironmentVariable(value=self._tag),
            },
            timeout=BUILD_LIMIT,
        )
        self._repository.grant_pull_push(project)
        self._repository.grant(project, "ecr:DescribeImages")
        return project

    def _make_build(self) -> CustomResource:
        provider = cr.Provider(
            self,
            "Provider",
            on_event_handler=self._make_function("Start", "on_event", "codebuild:StartBuild"),
            is_complete_handler=self._make_function("Wait", "is_complete", "codebuild:BatchGetBuilds"),
            query_interval=Duration.seconds(15),
            total_timeout=BUILD_LIMIT,
        )
        build = CustomResource(
            self,
            "Build",
            service_token=provider.service_token,
            resource_type="Custom::ServingImage",
            properties={"Project": self._project.project_name, "Tag": self._tag},
        )
        build.node.add_dependency(self._project, self._repository)
        return build

    def _make_function(self, id: str, entry: str, action: str) -> lambda_.Function:
        function = lambda_.Function(
            self,
            id,
            description=f"Serving image: {entry} of the build in CodeBuild",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(str(PROJECT), exclude=list(FUNCTIONS), ignore_mode=IgnoreMode.GIT),
            handler=f"lambda_src.build_image.{entry}",
            timeout=Duration.minutes(1),
        )
        function.add_to_role_policy(
            iam.PolicyStatement(actions=[action], resources=[self._project.project_arn])
        )
        return function


def _build_spec() -> dict[str, Any]:
    """Build and push, unless this tag is in the repository already."""
    exists = 'aws ecr describe-images --repository-name "$REPOSITORY_NAME" --image-ids imageTag="$TAG"'
    login = 'aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}"'
    build = 'docker build --file serving/Dockerfile --tag "$REPOSITORY:$TAG" .'
    push = 'docker push "$REPOSITORY:$TAG"'
    return {
        "version": "0.2",
        "phases": {"build": {"commands": [f"{exists} || ({login} && {build} && {push})"]}},
    }
