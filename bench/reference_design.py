"""The design that batches are compared with: one Standard execution an image, the image inside the state.

Three functions chained by a state machine, in the form in which projects of this kind publish them: the first
downloads the object and puts it as base64 into its answer, the second sends it to the endpoint, the third
raises when no class is sure enough. Nothing is checked. Clients are made once a process, as they should be.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench.local_aws import Clients
from contracts.names import LOOPBACK_ACCOUNT

ROLE = f"arn:aws:iam::{LOOPBACK_ACCOUNT}:role/bench-reference"
NAME = "bench-reference"
MEMORY_MB = 128
"""What Lambda gives a function when nobody says anything, as nobody does there."""
CLIENTS = 8
SERIALIZE = """\
import base64
import boto3

s3 = boto3.client("s3")


def lambda_handler(event, context):
    key = event["s3_key"]
    bucket = event["s3_bucket"]
    s3.download_file(bucket, key, "/tmp/image.png")
    with open("/tmp/image.png", "rb") as f:
        image_data = base64.b64encode(f.read()).decode("utf-8")
    return {
        "statusCode": 200,
        "body": {"image_data": image_data, "s3_bucket": bucket, "s3_key": key, "inferences": []},
    }
"""
CLASSIFY = """\
import base64
import json
import os
import boto3

runtime = boto3.client("sagemaker-runtime")


def lambda_handler(event, context):
    event = event["body"]
    image = base64.b64decode(event["image_data"])
    response = runtime.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT_NAME"], ContentType="image/png", Body=image
    )
    event["inferences"] = json.loads(response["Body"].read().decode("utf-8"))
    return {"statusCode": 200, "body": event}
"""
FILTER = """\
import os

THRESHOLD = float(os.environ["THRESHOLD"])


def lambda_handler(event, context):
    event = event["body"]
    if max(event["inferences"]) < THRESHOLD:
        raise Exception("THRESHOLD_CONFIDENCE_NOT_MET")
    return {"statusCode": 200, "body": event}
"""
SOURCES = {"serialize": SERIALIZE, "classify": CLASSIFY, "filter": FILTER}
UNSURE = "Exception"
"""Error of an execution whose image the model is not sure of: it has done all its work."""
RETRIED = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
]


@dataclass(frozen=True)
class Ended:
    """An execution that has ended; `seconds` is by its own start and stop."""

    arn: str
    seconds: float


@dataclass(frozen=True)
class ReferenceDesign:
    """The deployed reference."""

    states: Any
    arn: str
    bucket: str

    @property
    def functions(self) -> list[str]:
        return [f"{NAME}-{part}" for part in SOURCES]

    def classify(self, key: str, patience: float = 0.03) -> Ended:
        """Start an execution and wait for it, asking after `patience` seconds first."""
        given = json.dumps({"s3_bucket": self.bucket, "s3_key": key})
        arn = self.states.start_execution(stateMachineArn=self.arn, input=given)["executionArn"]
        time.sleep(patience)
        while (said := self.states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            time.sleep(0.02)
        if said["status"] != "SUCCEEDED" and said.get("error") != UNSURE:
            raise RuntimeError(f"{arn} ended as {said['status']}: {said.get('error')}: {said.get('cause')}")
        return Ended(arn, (said["stopDate"] - said["startDate"]).total_seconds())

    def classify_all(self, keys: Sequence[str]) -> list[Ended]:
        """Every key by one of CLIENTS that each have one execution running at a time.

        They ask for its end about when it is due, since asking too costs what is measured.
        """

        def drive(mine: Sequence[str]) -> list[Ended]:
            done: list[Ended] = []
            for key in mine:
                done.append(self.classify(key, 0.9 * min((e.seconds for e in done[-5:]), default=0.03)))
            return done

        with ThreadPoolExecutor(CLIENTS) as pool:
            parts = pool.map(drive, [keys[number::CLIENTS] for number in range(CLIENTS)])
            return [ended for part in parts for ended in part]

    def entered_states(self, ended: Ended) -> int:
        """States that an execution entered, by its history: what Step Functions charges for."""
        pages = self.states.get_paginator("get_execution_history").paginate(
            executionArn=ended.arn, includeExecutionData=False
        )
        return sum(event["type"].endswith("StateEntered") for page in pages for event in page["events"])


def create(client: Clients, *, bucket: str, endpoint: str, threshold: float) -> ReferenceDesign:
    """Create functions and state machine through the API."""
    variables = {"ENDPOINT_NAME": endpoint, "THRESHOLD": str(threshold)}
    for part, source in SOURCES.items():
        client("lambda").create_function(
            FunctionName=f"{NAME}-{part}",
            Runtime="python3.14",
            Role=ROLE,
            Handler="lambda_function.lambda_handler",
            Code={"ZipFile": archive(source)},
            MemorySize=MEMORY_MB,
            Timeout=60,
            Environment={"Variables": variables},
        )
    states = client("stepfunctions")
    arn = states.create_state_machine(name=NAME, roleArn=ROLE, definition=json.dumps(definition()))[
        "stateMachineArn"
    ]
    return ReferenceDesign(states, arn, bucket)


def archive(source: str) -> bytes:
    """A function's code as Lambda takes it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as folder:
        folder.writestr("lambda_function.py", source)
    return file.getvalue()


def definition() -> dict[str, Any]:
    """Three Lambda tasks, each handing its function's whole answer to the next."""
    parts = list(SOURCES)
    follows: list[dict[str, Any]] = [*({"Next": part} for part in parts[1:]), {"End": True}]
    return {
        "StartAt": parts[0],
        "States": {
            part: {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": f"{NAME}-{part}", "Payload.$": "$"},
                "OutputPath": "$.Payload",
                "Retry": [{"ErrorEquals": RETRIED, "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2}],
                **follow,
            }
            for part, follow in zip(parts, follows, strict=True)
        },
    }
