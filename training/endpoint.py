"""Probabilities from where a model is served: a server by its address, a SageMaker endpoint by its name.

The files are sent as they are, so that what is measured is everything between a picture and its answer.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.artifact.digest import short_digest
from contracts.artifact.reader import Artifact
from training.listing import ListedImage

CONTENT_TYPE = "application/x-image"
REQUESTS_AT_ONCE = 4
TIMEOUT_SECONDS = 70
_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
_MODEL = re.compile(r"model=([0-9a-f]+)")


class EndpointError(RuntimeError):
    """The endpoint gives no figures; the message says which file or address, why, and what to do."""


class Answer(NamedTuple):
    """The body of an answer, and the attributes in which the server says which model answered."""

    body: bytes
    attributes: str


Ask = Callable[[bytes], Answer]
"""A picture's file -> the answer. Raises EndpointError without the name of the file."""


def open_endpoint(endpoint: str) -> Ask:
    """For `http://host:port`, or the name of an endpoint in the account and region of this shell."""
    if endpoint.startswith(("http://", "https://")):
        base = endpoint.rstrip("/")
        return partial(_ask_server, base if base.endswith("/invocations") else f"{base}/invocations")
    return _sagemaker(endpoint)


def served_probabilities(ask: Ask, listed: Sequence[ListedImage], artifact: Artifact) -> NDArray[np.float32]:
    """[N, classes] for the pictures' files, in order.

    The model that answers must be the artifact's, if it says so.
    """
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        return np.array(list(pool.map(partial(_probabilities, ask, artifact), listed)), dtype=np.float32)


def _probabilities(ask: Ask, artifact: Artifact, picture: ListedImage) -> list[float]:
    try:
        answer = ask(picture.read())
        _check_model(answer, artifact)
        row = json.loads(answer.body)
        if not isinstance(row, list) or len(row) != len(artifact.classes):
            raise EndpointError(f"answered {answer.body[:80]!r}, not {len(artifact.classes)} probabilities")
        return [float(value) for value in row]
    except (OSError, ValueError, EndpointError) as error:
        raise EndpointError(f"{picture.where}: {error}") from error


def _check_model(answer: Answer, artifact: Artifact) -> None:
    said = _MODEL.search(answer.attributes)
    if said and short_digest(said[1]) != short_digest(artifact.sha256):
        raise EndpointError(
            f"the endpoint answers by the model {said[1]}, the artifact is {short_digest(artifact.sha256)}: "
            "name its own with --artifact"
        )


def _ask_server(address: str, body: bytes) -> Answer:
    request = urllib.request.Request(address, body, {"Content-Type": CONTENT_TYPE})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return Answer(answer.read(), answer.headers.get(_ATTRIBUTES, ""))
    except urllib.error.HTTPError as error:
        raise EndpointError(f"refused by {address}: {_reason(error.read())}") from error
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise EndpointError(f"{address} does not answer ({reason}): is the server running there?") from error


def _reason(body: bytes) -> str:
    try:
        answer = json.loads(body)
        return f"{answer['error']}: {answer['message']}"
    except (ValueError, KeyError, TypeError):
        return body[:200].decode(errors="replace")


def _sagemaker(name: str) -> Ask:
    try:
        boto3, botocore = import_module("boto3"), import_module("botocore.exceptions")
    except ImportError as error:  # nothing else here needs it, and a training job has no use for it
        raise EndpointError(
            f"{name} is the name of an endpoint, for which boto3 is needed: make setup SET=operations; "
            "or give the address of a server, http://HOST:PORT"
        ) from error
    try:
        client = boto3.client("sagemaker-runtime")
    except botocore.BotoCoreError as error:
        raise EndpointError(f"the endpoint {name} cannot be asked: {error}") from error

    def ask(body: bytes) -> Answer:
        try:
            answer = client.invoke_endpoint(EndpointName=name, Body=body, ContentType=CONTENT_TYPE)
        except botocore.ClientError as error:
            said = str(error.response.get("OriginalMessage", ""))
            raise EndpointError(f"refused by {name}: {_reason(said.encode()) if said else error}") from error
        except botocore.BotoCoreError as error:
            raise EndpointError(f"{name} does not answer: {error}") from error
        return Answer(answer["Body"].read(), answer.get("CustomAttributes", ""))

    return ask
