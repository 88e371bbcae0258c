"""A deployed stage, as the verbs find it: moto answers, but for what it cannot.

Its CloudFormation and its Lambda need what is not installed, so stacks and functions answer from here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import boto3
from botocore.config import Config
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from contracts import outputs
from tests.aws import REGION, Answer, Aws, Request, aws_in_process, json_answer
from tests.unit.operations.executions import BATCH_MACHINE, IMAGE_MACHINE, Executions

BUCKET = "data-bucket"
URL = "http://127.0.0.1:4566"
OUTPUTS = {
    outputs.DATA_BUCKET: BUCKET,
    outputs.IMAGE_MACHINE: IMAGE_MACHINE,
    outputs.BATCH_MACHINE: BATCH_MACHINE,
    outputs.ENDPOINT: "scones-local",
}
PAGE = 2
"""Objects or executions of a page, so that nothing relies on a single one."""


@cache
def client(service: str) -> Any:
    """A client that asks once, and lists in small pages."""
    where = URL if service == "cloudformation" else None
    made = boto3.client(
        service,  # type: ignore[call-overload]
        region_name=REGION,
        endpoint_url=where,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    for operation, size in (("s3.ListObjectsV2", "MaxKeys"), ("stepfunctions.ListExecutions", "maxResults")):
        made.meta.events.register(f"provide-client-params.{operation}", _pages_of(size))
    return made


def _pages_of(size: str) -> Callable[..., dict[str, Any]]:
    return lambda params, **_: {size: PAGE, **params}


def lines(values: Iterable[Any]) -> bytes:
    """JSON, one a line."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


@dataclass
class Functions:
    """Functions by name: their environment, and the answer to Invoke with the error that it is, if any."""

    aws: Aws
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: dict[str, tuple[object, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.aws.answers |= {"GetFunctionConfiguration": self._configuration, "Invoke": self._invoke}

    def _configuration(self, request: Request) -> Answer:
        name = request.path.split("/")[-2]
        if name not in self.environments:
            return _no_function()
        return json_answer({"Environment": {"Variables": self.environments[name]}})

    def _invoke(self, request: Request) -> Answer:
        name = request.path.split("/")[-2]
        if name not in self.answers:
            return _no_function()
        document, error = self.answers[name]
        return json_answer(document, headers=() if error is None else (("X-Amz-Function-Error", error),))


def _no_function() -> Answer:
    error = ("x-amzn-ErrorType", "ResourceNotFoundException")
    return json_answer({"Message": "as AWS words it"}, 404, (error,))


@dataclass
class DeployedStage:
    """The stage `local`, with nothing in its bucket; other buckets are there too."""

    aws: Aws
    states: Executions
    functions: Functions

    @property
    def objects(self) -> Any:
        """What S3 holds, by bucket and key."""
        return self.aws.objects

    def put_lines(self, key: str, values: Iterable[Any]) -> None:
        """An object of JSON lines in the data bucket."""
        self.objects[BUCKET, key] = lines(values)

    def lines(self, key: str) -> list[Any]:
        """The lines of one."""
        return [json.loads(line) for line in self.objects[BUCKET, key].splitlines()]

    def keys_in(self, part: str) -> list[str]:
        """Keys that have `part` in them, in order."""
        return sorted(key for _, key in self.objects if part in key)

    def store(self, bucket: str, key: str, moment: datetime) -> None:
        """Let an object have been stored then."""
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].get_object(bucket, key).last_modified = moment


@contextmanager
def deployed_stage() -> Iterator[DeployedStage]:
    """The stage, for as long as the block runs."""
    with aws_in_process(BUCKET, "others", "assets") as aws:
        aws.answers["DescribeStacks"] = _stacks
        yield DeployedStage(aws, Executions(aws), Functions(aws))


def _stacks(request: Request) -> Answer:
    """The stacks of the stage `local`, each with all outputs; none where all are asked for."""
    name = parse_qs(request.body.decode()).get("StackName", [""])[0]
    if name and not name.startswith("scones-local-"):
        error = "<Error><Code>ValidationError</Code><Message>does not exist</Message></Error>"
        return Answer(400, f"<ErrorResponse>{error}</ErrorResponse>".encode())
    outputs = "".join(
        f"<member><OutputKey>{key}</OutputKey><OutputValue>{escape(value)}</OutputValue></member>"
        for key, value in OUTPUTS.items()
    )
    stack = (
        f"<member><StackId>arn:aws:cloudformation:{REGION}:{DEFAULT_ACCOUNT_ID}:stack/{name}/1</StackId>"
        f"<StackName>{name}</StackName><StackStatus>UPDATE_COMPLETE</StackStatus>"
        f"<Outputs>{outputs}</Outputs></member>"
    )
    found = f"<DescribeStacksResult><Stacks>{stack if name else ''}</Stacks></DescribeStacksResult>"
    return Answer(200, f"<DescribeStacksResponse>{found}</DescribeStacksResponse>".encode())
