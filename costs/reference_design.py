"""The design that batches are compared with: one Standard execution an image, the image inside the state.

Three functions chained by a state machine, made through the API of AWS on loopback.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from contracts.names import LOOPBACK_ACCOUNT
from lambda_src.core.run.prices import Usage

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient

ROLE = f"arn:aws:iam::{LOOPBACK_ACCOUNT}:role/reference-design"
STEPS = ("serialize", "classify", "keep")
SOURCE = Path(__file__).with_name("reference_functions.py")
MEMORY_MB = 128
"""What Lambda gives a function when nobody says anything, as nobody does there."""
REQUESTS = Usage(s3_gets=2)
"""Of S3 for an image: `download_file` asks for the size of the object, then for the object."""
UNSURE = "Exception"
"""Error of an execution whose image the model is not sure of: it has done all its work."""
RETRIED = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
]


class ReferenceDesign(NamedTuple):
    """The deployed reference: ARN of its machine, names of its functions in the order of an image's way."""

    machine: str
    functions: list[str]


def definition(functions: list[str]) -> dict[str, Any]:
    """States Language: a task a function, each handing its function's whole answer to the next."""
    names = [step.capitalize() for step in STEPS]
    states = {
        name: {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": function, "Payload.$": "$"},
            "OutputPath": "$.Payload",
            "Retry": [{"ErrorEquals": RETRIED, "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2}],
            **({"Next": after} if after else {"End": True}),
        }
        for name, function, after in zip(names, functions, [*names[1:], ""], strict=True)
    }
    return {"StartAt": names[0], "States": states}


@contextmanager
def reference_design(
    functions: LambdaClient,
    states: SFNClient,
    *,
    name: str,
    endpoint: str,
    threshold: float,
    memory_mb: int = MEMORY_MB,
) -> Iterator[ReferenceDesign]:
    """The design under this name, as long as the block runs."""
    names = [f"{name}-{step}" for step in STEPS]
    machine = None
    try:
        for function, step in zip(names, STEPS, strict=True):
            functions.create_function(
                FunctionName=function,
                Runtime="python3.14",
                Role=ROLE,
                Handler=f"{SOURCE.stem}.{step}",
                Code={"ZipFile": _zipped()},
                MemorySize=memory_mb,
                Timeout=60,
                Environment={"Variables": {"ENDPOINT_NAME": endpoint, "THRESHOLD": str(threshold)}},
            )
        machine = states.create_state_machine(
            name=name, definition=json.dumps(definition(names)), roleArn=ROLE
        )["stateMachineArn"]
        yield ReferenceDesign(machine, names)
    finally:
        if machine is not None:
            states.delete_state_machine(stateMachineArn=machine)
        for function in names:
            _delete(functions, function)


def _delete(functions: LambdaClient, name: str) -> None:
    try:
        functions.delete_function(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException:
        return


def _zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(SOURCE.name), SOURCE.read_bytes())
    return file.getvalue()
