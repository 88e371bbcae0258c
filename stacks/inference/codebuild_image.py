"""The serving image built by CodeBuild inside the account: nobody needs Docker to deploy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import CustomResource, Duration, IgnoreMode, RemovalPolicy, Stack
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct, IDependable

from contracts.names import StageNames, build_log_group
from stacks.constructs.accepted_finding import KEY_ACTIONS, accept, accept_wildcards
from stacks.constructs.assets import allow_decrypting_assets
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.log_retention import log_retention
from stacks.constructs.python_function import PythonFunction
from stacks.constructs.source_code import PROJECT, SERVING
from stacks.constructs.trust import narrow
from stacks.settings.functions import FunctionSettings

BASE_REGISTRY = "public.ecr.aws/docker/library/"
# SageMaker pulls Docker's manifests only, neither OCI's nor an index with attestations.
MANIFEST = "type=image,oci-mediatypes=false"
BUILD_LIMIT = Duration.minutes(30)
BASE_DIGEST = "BaseDigest"
"""What the build says at its end, and the custom resource after it: on which image this one is based."""
QUEUE_LIMIT = Duration.minutes(15)
"""CodeBuild's own is eight hours: CloudFormation would have given up, and the build would run for nobody."""


def pulling_from(repository_arn: str) -> list[iam.PolicyStatement]:
    """What pulling an image takes."""
    layers = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    return [
        iam.PolicyStatement(actions=layers, resources=[repository_arn]),
        iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
    ]


class CodeBuildImage(Construct):
    """A repository, a project that fills it, and a custom resource that waits for the build.

    The tag is the hash of the sources, with the base's digest if that is pinned: unchanged ones are not built
    again, changed ones give a new address and so a new Model.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: StageNames,
        arm: bool,
        base_digest: str | None,
        log_days: int,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self._encryption_key = encryption_key
        self._pinned_base = base_digest
        self._source = s3_assets.Asset(
            self, "Source", path=str(PROJECT), exclude=list(SERVING), ignore_mode=IgnoreMode.GIT
        )
        self._tag = _tag(self._source.asset_hash, "arm64" if arm else "amd64", self._pinned_base)
        self._repository = self._make_repository()
        self._project = self._make_project(names.image_build, arm, log_days)
        letters = DeadLetters(self, "DeadLetters")
        self.dead_letters: Sequence[DeadLetters] = (letters,)
        self._build = self._make_build(letters, names, log_days)
        self.uri = self._repository.repository_uri_for_tag(self._tag)
        self.base_digest: str | None = self._build.get_att_string(BASE_DIGEST)

    def pulling(self) -> list[iam.PolicyStatement]:
        return pulling_from(self._repository.repository_arn)

    def ready(self) -> IDependable | None:
        return self._build

    def _make_repository(self) -> ecr.Repository:
        return ecr.Repository(
            self,
            "Repository",
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            # Tagged images stay: the repository does not know which of them serves, and without that one the
            # endpoint cannot scale. A build adds one only when the server's sources have changed.
            lifecycle_rules=[
                ecr.LifecycleRule(tag_status=ecr.TagStatus.UNTAGGED, max_image_age=Duration.days(1))
            ],
            removal_policy=RemovalPolicy.DESTROY,
            empty_on_delete=True,
        )

    def _make_project(self, name: str, arm: bool, log_days: int) -> codebuild.Project:
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=build_log_group(name),
            retention=log_retention(log_days),
            encryption_key=self._encryption_key,
            removal_policy=RemovalPolicy.DESTROY,
        )
        project = codebuild.Project(
            self,
            "Project",
            project_name=name,
            description="Builds the serving image from its sources",
            source=codebuild.Source.s3(bucket=self._source.bucket, path=self._source.s3_object_key),
            build_spec=codebuild.BuildSpec.from_object(_build_spec()),
            environment=codebuild.BuildEnvironment(build_image=_machine(arm), privileged=True),
            environment_variables={
                "REPOSITORY": codebuild.BuildEnvironmentVariable(value=self._repository.repository_uri),
                "REPOSITORY_NAME": codebuild.BuildEnvironmentVariable(value=self._repository.repository_name),
                "TAG": codebuild.BuildEnvironmentVariable(value=self._tag),
                "REGISTRY": codebuild.BuildEnvironmentVariable(value=BASE_REGISTRY),
                "OUTPUT": codebuild.BuildEnvironmentVariable(value=MANIFEST),
                **(
                    {"BASE_DIGEST": codebuild.BuildEnvironmentVariable(value=self._pinned_base)}
                    if self._pinned_base
                    else {}
                ),
            },
            encryption_key=self._encryption_key,
            logging=codebuild.LoggingOptions(
                cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=log_group)
            ),
            timeout=BUILD_LIMIT,
            queued_timeout=QUEUE_LIMIT,
        )
        assert project.role is not None
        stack = Stack.of(self)
        narrow(project.role, stack.format_arn(service="codebuild", resource="project", resource_name=name))
        self._repository.grant_pull_push(project)
        self._repository.grant(project, "ecr:DescribeImages")
        allow_decrypting_assets(project.role, self._source.bucket)
        accept(project, "AwsSolutions-CB3", "Docker inside the build needs the privileged mode")
        if self._encryption_key is None:
            accept(
                project,
                "AwsSolutions-CB4",
                "A key of one's own is a setting (customer_managed_key), off here",
            )
        accept_wildcards(
            project,
            {
                "*": "GetAuthorizationToken knows no resources",
                "/*": "CDK lets the project read its source from the bucket of assets",
                ":*": "Streams of the project's own log group and reports",
                "-*": "Report groups of this project",
                "s3:GetObject*": "Reading the source, a grant of CDK",
                "s3:GetBucket*": "Reading the source, a grant of CDK",
                "s3:List*": "Reading the source, a grant of CDK",
                "kms:GenerateDataKey*": KEY_ACTIONS,
                "kms:ReEncrypt*": KEY_ACTIONS,
            },
        )
        return project

    def _make_build(self, dead_letters: DeadLetters, names: StageNames, log_days: int) -> CustomResource:
        starter = PythonFunction(
            self,
            "Start",
            name=names.image_build_start,
            module="lambda_src.build_image",
            description="Starts the build of the serving image and answers CloudFormation when it has ended",
            environment={},
            settings=FunctionSettings(),
            log_days=log_days,
            encryption_key=self._encryption_key,
        )
        starter.role.add_to_policy(
            iam.PolicyStatement(
                actions=["codebuild:StartBuild", "codebuild:BatchGetBuilds"],
                resources=[self._project.project_arn],
            )
        )
        ended = self._project.on_state_change(
            "Ended",
            rule_name=names.image_build_ended,
            target=targets.LambdaFunction(starter.function, dead_letter_queue=dead_letters.queue),
            event_pattern=events.EventPattern(
                detail={"build-status": ["SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"]}
            ),
        )
        dead_letters.watch(ended)
        build = CustomResource(
            self,
            "Build",
            service_token=starter.function.function_arn,
            service_timeout=QUEUE_LIMIT.plus(BUILD_LIMIT).plus(Duration.minutes(10)),
            resource_type="Custom::ServingImage",
            properties={"Project": self._project.project_name, "Tag": self._tag},
        )
        build.node.add_dependency(self._project, self._repository, ended, starter)
        return build


def _machine(arm: bool) -> Any:
    if arm:
        return codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0
    return codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5


def _tag(sources: str, processor: str, base_digest: str | None) -> str:
    """Names an image by all that it is made of, in the 128 characters that a tag has."""
    base = [base_digest.removeprefix("sha256:")[:16]] if base_digest else []
    return "-".join((sources, processor, *base))


def _build_spec() -> dict[str, Any]:
    """Build and push, unless this tag is in the repository already, and say on which image it is based."""
    return {
        "version": "0.2",
        "env": {"exported-variables": [BASE_DIGEST]},
        "phases": {"build": {"commands": [f"{BASE_DIGEST}=$(sh serving/build.sh) && export {BASE_DIGEST}"]}},
    }
