"""Functions for tests, created through Lambda's API."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.local.deployed.emulator import Emulator


def create(aws: Emulator, source: str, name: str = "", **settings: Any) -> str:
    """Create a Python function from the text of its module; its name."""
    name = name or f"test-{uuid.uuid4().hex[:8]}"
    aws.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.14",
        Architectures=["arm64"],
        Role="arn:aws:iam::000000000000:role/test",
        Handler="app.handler",
        Code={"ZipFile": package(source)},
        **settings,
    )
    return name


def package(source: str) -> bytes:
    """A function's zip with `source` as its module `app`."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", source)
    return archive.getvalue()


def machine(aws: Emulator, states: dict[str, Any], **more: Any) -> str:
    """Create a JSONata state machine of `states`, which starts at the first; its ARN.

    `more` are further members of its definition.
    """
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **more}
    arn: str = aws.client("stepfunctions").create_state_machine(
        name=f"test-{uuid.uuid4().hex[:8]}",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::000000000000:role/test",
    )["stateMachineArn"]
    return arn


def task(function: str, payload: Any = "{% $states.input %}", **more: Any) -> dict[str, Any]:
    """A Task state that invokes `function` and returns what it returned."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": payload},
        "Output": "{% $states.result.Payload %}",
        **({"End": True} if "Next" not in more else {}),
        **more,
    }


@contextmanager
def environment(aws: Emulator, function: str, **variables: str) -> Iterator[None]:
    """Meanwhile the function has these variables too, in place of its own where it has them."""
    api = aws.client("lambda")
    before = api.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    api.update_function_configuration(FunctionName=function, Environment={"Variables": before | variables})
    try:
        yield
    finally:
        api.update_function_configuration(FunctionName=function, Environment={"Variables": before})
