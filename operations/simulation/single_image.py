"""The machine that classifies one image, as a stream of images uses it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from lambda_src.core.batch.rows import ACCEPTED, LOW_CONFIDENCE
from lambda_src.core.errors import LowConfidence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

NOT_YET = {"ExecutionDoesNotExist", "ThrottlingException", "TooManyRequestsException"}
"""Answers that a later DescribeExecution does not get: it is eventually consistent, and limited."""


class Ended(NamedTuple):
    """An execution that has ended: how (see `tally.Ending`), as which class, and after how many seconds."""

    outcome: str
    predicted: str | None
    seconds: float


@dataclass(frozen=True)
class SingleImage:
    """Clients of the deployment at hand; all methods may be called by several threads."""

    s3: S3Client
    states: SFNClient
    bucket: str
    machine: str

    def upload(self, key: str, png: bytes) -> None:
        """Put an image into the data bucket."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=png, ContentType="image/png")

    def start(self, execution_name: str, key: str) -> str:
        """Start an execution on an image of the data bucket; its ARN."""
        given = {"image_data": "", "s3_bucket": self.bucket, "s3_key": key}
        return self.states.start_execution(
            stateMachineArn=self.machine, name=execution_name, input=json.dumps(given)
        )["executionArn"]

    def ended(self, execution: str) -> Ended | None:
        """How it ended, or None while it runs; the seconds are by AWS's own clock."""
        try:
            description = self.states.describe_execution(executionArn=execution)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in NOT_YET:
                return None
            raise
        if description["status"] in ("RUNNING", "PENDING_REDRIVE"):
            return None
        seconds = (description["stopDate"] - description["startDate"]).total_seconds()
        return Ended(*outcome(dict(description)), seconds)


def outcome(description: dict[str, Any]) -> tuple[str, str | None]:
    """Outcome and predicted class of what DescribeExecution says of an execution that has ended."""
    if description["status"] == "SUCCEEDED":
        return ACCEPTED, json.loads(description["output"])["predicted_class"]
    error = description.get("error") or description["status"]
    return LOW_CONFIDENCE if error == LowConfidence.__name__ else error, None
