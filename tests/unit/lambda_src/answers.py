"""What a model's endpoint answers, right and wrong: moto has no container behind an endpoint."""

from __future__ import annotations

import json
from typing import Any

from tests.aws import Answer


def runtime_error(status: int, code: str, **fields: Any) -> Answer:
    """An error of InvokeEndpoint itself."""
    return Answer(
        status,
        json.dumps(fields).encode(),
        (("Content-Type", "application/json"), ("x-amzn-ErrorType", f"{code}:http://amazon.example/")),
    )


def model_error(original_status: int, original_message: str) -> Answer:
    """An error of the container, as InvokeEndpoint passes it on."""
    word = "client" if original_status < 500 else "server"
    return runtime_error(
        424,
        "ModelError",
        Message=f'Received {word} error ({original_status}) from primary with message "{original_message}"',
        OriginalStatusCode=original_status,
        OriginalMessage=original_message,
        LogStreamArn="arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/e",
    )


def probabilities(*values: float, **headers: str) -> Answer:
    """What the model's container answers; keywords are response headers with _ for -."""
    listed = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(200, json.dumps(values).encode(), (("Content-Type", "application/json"), *listed))
