"""The container image that answers behind the endpoint, wherever it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from aws_cdk import IgnoreMode, Stack
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IDependable

from contracts.names import StageNames
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.source_code import PROJECT, SERVING
from stacks.inference.codebuild_image import MANIFEST, CodeBuildImage, pulling_from
from stacks.settings.endpoint import ImageSettings

_ECR_ADDRESS = re.compile(
    r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z.]+/(?P<repository>[^:@]+)([:@].+)?$"
)


class ServingImage(Protocol):
    """An image in Amazon ECR: its address, what pulling it takes, and what must exist before it does.

    `dead_letters`: what its rules could not deliver, where it has any.
    `base_digest`: of the image that it is based on, where that is known.
    """

    uri: str
    base_digest: str | None
    dead_letters: Sequence[DeadLetters]

    def pulling(self) -> list[iam.PolicyStatement]: ...

    def ready(self) -> IDependable | None: ...


def serving_image(
    scope: Construct,
    id: str,
    *,
    settings: ImageSettings,
    arm: bool,
    names: StageNames,
    log_days: int,
    encryption_key: kms.IKey | None,
) -> ServingImage:
    """The image that the settings ask for, for arm64 or amd64."""
    if settings.source == "uri":
        return NamedImage(scope, id, uri=settings.uri or "")
    if settings.source == "codebuild":
        return CodeBuildImage(
            scope,
            id,
            names=names,
            arm=arm,
            base_digest=settings.base_digest,
            log_days=log_days,
            encryption_key=encryption_key,
        )
    return DockerImage(scope, id, arm=arm, base_digest=settings.base_digest)


class NamedImage(Construct):
    """An image that exists already."""

    dead_letters: Sequence[DeadLetters] = ()
    base_digest: str | None = None

    def __init__(self, scope: Construct, id: str, *, uri: str) -> None:
        super().__init__(scope, id)
        self.uri = uri

    def pulling(self) -> list[iam.PolicyStatement]:
        """Names outside ECR (the image on loopback) need nothing."""
        if not (address := _ECR_ADDRESS.match(self.uri)):
            return []
        arn = Stack.of(self).format_arn(
            service="ecr",
            account=address["account"],
            region=address["region"],
            resource="repository",
            resource_name=address["repository"],
        )
        return pulling_from(arn)

    def ready(self) -> IDependable | None:
        return None


class DockerImage(Construct):
    """An image built by Docker on the deploying machine."""

    dead_letters: Sequence[DeadLetters] = ()

    def __init__(self, scope: Construct, id: str, *, arm: bool, base_digest: str | None) -> None:
        super().__init__(scope, id)
        self.base_digest = base_digest
        self._asset = ecr_assets.DockerImageAsset(
            self,
            "Image",
            directory=str(PROJECT),
            file="serving/Dockerfile",
            exclude=list(SERVING),
            ignore_mode=IgnoreMode.GIT,
            platform=ecr_assets.Platform.LINUX_ARM64 if arm else ecr_assets.Platform.LINUX_AMD64,
            build_args=None if base_digest is None else {"BASE_DIGEST": base_digest},
            outputs=[MANIFEST],
        )
        self.uri = self._asset.image_uri

    def pulling(self) -> list[iam.PolicyStatement]:
        return pulling_from(self._asset.repository.repository_arn)

    def ready(self) -> IDependable | None:
        return None
