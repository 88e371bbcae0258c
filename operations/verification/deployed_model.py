"""Which model a stage was deployed with, and its golden pictures: read from the artifact that it serves."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from contracts.artifact.archive import ArtifactError
from contracts.artifact.digest import short_digest
from contracts.artifact.golden import GoldenPicture
from contracts.artifact.reader import read_golden
from contracts.outputs import MODEL_ARTIFACT, MODEL_DIGEST
from operations.aws.deployment import Deployment, deploy_command
from operations.aws.errors import OperationError, meant_code
from operations.aws.s3_location import read_s3_location

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class DeployedModel(NamedTuple):
    """`digest`: as answers name it. `names`: of classes for people. At least one golden picture."""

    digest: str
    classes: tuple[str, ...]
    names: Mapping[str, str]
    golden: tuple[GoldenPicture, ...]


def read_deployed_model(s3: S3Client, deployment: Deployment) -> DeployedModel:
    """The model of the stage's artifact. Raises OperationError where that cannot be read, is another than the
    endpoint was deployed with, or has no golden pictures."""
    location = read_s3_location(deployment.output(MODEL_ARTIFACT))
    again = deploy_command(deployment.stage)
    try:
        with closing(s3.get_object(Bucket=location.bucket, Key=location.key)["Body"]) as body:
            card, golden, sha256 = read_golden(body, str(location))
    except ArtifactError as error:
        raise OperationError(f"{error}, and deploy it: {again}") from error
    except ClientError as error:
        if meant_code(error) != "NoSuchKey":
            raise
        raise OperationError(f"The model's artifact {location} is gone. Deploy it again: {again}") from error
    if sha256 != (deployed := deployment.output(MODEL_DIGEST)):
        raise OperationError(
            f"The stage's stacks are of two models: {short_digest(deployed)} for the endpoint, "
            f"{short_digest(sha256)} for the monitor. Deploy to the end: {again}"
        )
    if not golden:
        raise OperationError(
            f"The model {short_digest(sha256)} was made without golden pictures, by which it could be known: "
            f"train it again (python -m training.train) and deploy it: {again}"
        )
    return DeployedModel(short_digest(sha256), card.classes, card.names, golden)
