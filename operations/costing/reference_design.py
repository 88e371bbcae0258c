"""The design that ours is compared with: three functions chained, the image inside the state.

One Standard execution an image, written as tutorials write it: the image as base64 in the event, no checks.
It is made for a measurement on AWS on loopback and deleted after it; in an account it would need roles.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.names import LOOPBACK_ACCOUNT
from operations.aws.deployment import Deployment

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient

ROLE = f"arn:aws:iam::{LOOPBACK_ACCOUNT}:role/cost-reference"
STEPS = ("serialize", "classify", "keep")
SOURCE = Path(__file__).with_name("reference_functions.py")


def definition(functions: list[str]) -> dict[str, Any]:
    """States Language: one task a function, each with the whole state as its input."""
    names = [step.capitalize() for step in STEPS]
    states = {
        name: {"Type": "Task", "Resource": function, **({"Next": after} if after else {"End": True})}
        for name, function, after in zip(names, functions, [*names[1:], ""], strict=True)
    }
    return {"StartAt": names[0], "States": states}


@contextmanager
def reference_design(
    deployment: Deployment, functions: LambdaClient, states: SFNClient, memory_mb: int
) -> Iterator[tuple[str, list[str]]]:
    """ARN of the machine and names of its functions, on loopback, as long as the block runs."""
    design = f"{deployment.names.prefix}-cost-reference"
    names = [f"{design}-{step}" for step in STEPS]
    machine = None
    try:
        arns = [
            functions.create_function(
                FunctionName=name,
                Runtime="python3.13",
                Role=ROLE,
                Handler=f"{SOURCE.stem}.{step}",
                Code={"ZipFile": _zipped()},
                MemorySize=memory_mb,
                Timeout=60,
                Environment={"Variables": {"ENDPOINT_NAME": deployment.endpoint_name, "THRESHOLD": "0"}},
            )["FunctionArn"]
            for name, step in zip(names, STEPS, strict=True)
        ]
        machine = states.create_state_machine(
            name=design,
            definition=json.dumps(definition(arns)),
            roleArn=ROLE,
        )["stateMachineArn"]
        yield machine, names
    finally:
        if machine is not None:
            states.delete_state_machine(stateMachineArn=machine)
        for name in names:
            _delete(functions, name)


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
