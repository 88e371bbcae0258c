"""What the deployed artifact says of its model: model.json alone is kept of the archive that streams by."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contracts.artifact.archive import ArtifactError
from contracts.artifact.reader import read_card
from reports.figures.baseline import Baseline, read_baseline

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class ArtifactUnreadable(Exception):
    """The model's artifact is not there, may not be read, or holds no model.json of this project."""


@dataclass(frozen=True)
class Model:
    """The model's baseline, and when its artifact was put where it is: no record before is of this model."""

    baseline: Baseline
    stored: datetime


def read_model(s3: S3Client, uri: str, threshold: float) -> Model:
    """The model of the artifact at s3://bucket/key; `threshold` is the one in force.

    Memory does not grow with the artifact. Raises ArtifactUnreadable.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
        with closing(answer["Body"]) as body:
            card, digest = read_card(body, uri)
        return Model(
            read_baseline(card, digest=digest, threshold=threshold), answer["LastModified"].astimezone(UTC)
        )
    except ArtifactError as error:
        raise ArtifactUnreadable(
            f"the deployed model cannot be used: {error}, and deploy the stacks."
        ) from error
    except (BotoCoreError, ClientError, OSError) as error:
        raise ArtifactUnreadable(
            f"the model's artifact {uri} cannot be used: {error}. Deploy the stacks again."
        ) from error
