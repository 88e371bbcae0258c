"""The model's endpoint: one request, its answer or its error under the name that operators know.

AWS documents ModelError, ValidationError and the 5xx; throttling comes as an unmodelled 400 whose message
may be null, and a body over the limit as a bare 413 or as a ValidationError about an oversize body.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.aws.client import CONNECT_TIMEOUT_SECONDS, aws_client
from lambda_src.core.errors import (
    ClassificationError,
    EndpointThrottled,
    EndpointUnavailable,
    ImageTooLarge,
    ModelFailed,
    ModelRejectedImage,
)
from lambda_src.core.excerpt import one_line
from lambda_src.core.probabilities import Answer, short_digest

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

READ_TIMEOUT_SECONDS = 60
"""What InvokeEndpoint itself gives a container; giving up earlier would send the image again too soon."""
LONGEST_REQUEST_SECONDS = CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS
WITH_UNFAMILIARITY = "answer=unfamiliarity"
"""Asks the model server to say how unfamiliar an image is, for the captured record. Other containers pass
over what they do not know in the custom attributes, and answer as ever."""
_THROTTLED = frozenset(
    {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
)
_MODEL = re.compile(r"(?:^|[\s,;])model=([0-9a-f]{1,64})(?:$|[\s,;])")


class Endpoint:
    """An endpoint by its name. `deployed_model` is the digest of the model that the stack deployed, or ""."""

    def __init__(self, name: str, deployed_model: str) -> None:
        self._name = name
        self._deployed_model = deployed_model
        self._runtime: SageMakerRuntimeClient = aws_client("sagemaker-runtime", READ_TIMEOUT_SECONDS)

    def invoke(self, body: bytes, content_type: str, inference_id: str) -> Answer:
        """Send an image, or a pack of some; `inference_id` goes into the captured record.

        Raises ModelRejectedImage, ModelFailed, ImageTooLarge, EndpointThrottled or EndpointUnavailable.
        """
        try:
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._name,
                Body=body,
                ContentType=content_type,
                Accept="application/json",
                CustomAttributes=WITH_UNFAMILIARITY,
                InferenceId=inference_id,
            )
            with closing(answer["Body"]) as stream:
                return Answer(stream.read(), self._model(answer.get("CustomAttributes", "")))
        except ClientError as error:
            raise _named(error, self._name) from error
        except BotoCoreError as error:
            raise EndpointUnavailable(f"the endpoint {self._name} could not be reached: {error}") from error

    def _model(self, custom_attributes: str) -> str:
        """The model that answered: what the container says (`model=…`), else the one that was deployed.

        During an update two models serve side by side.
        """
        match = _MODEL.search(custom_attributes)
        return short_digest(match[1]) if match else self._deployed_model


def _named(error: ClientError, endpoint: str) -> ClassificationError:
    response: dict[str, Any] = dict(error.response)
    details, status = response.get("Error", {}), response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code, message = details.get("Code") or "", details.get("Message") or ""
    if code == "ModelError":
        return _model_error(
            endpoint, response.get("OriginalStatusCode"), response.get("OriginalMessage") or message
        )
    return _endpoint_error(endpoint, code, status, message)


def _model_error(endpoint: str, status: int | None, message: str) -> ClassificationError:
    """The named error for a ModelError: the container's own status (None when unknown) and message."""
    said = f"the model behind {endpoint} answered {status or 'an unknown status'}: {one_line(message)}"
    if status == 429:
        return EndpointThrottled(said)
    if status == 408:  # The image did not reach the server in time: not the image's fault.
        return EndpointUnavailable(said)
    if status is not None and 400 <= status < 500:
        return ModelRejectedImage(said)
    return ModelFailed(said)


def _endpoint_error(endpoint: str, code: str, status: int, message: str) -> ClassificationError:
    """The named error for any other failure of InvokeEndpoint: error code, HTTP status and message."""
    said = f"InvokeEndpoint answered {status} {code}: {one_line(message)}"
    if code == "ModelNotReadyException":
        return EndpointUnavailable(f"the endpoint {endpoint} is still loading its model. {said}")
    if code in _THROTTLED or status == 429:
        return EndpointThrottled(f"the endpoint {endpoint} takes no more requests now. {said}")
    lowered = message.lower()
    if status == 413 or "oversize body" in lowered or ("'body'" in lowered and "length" in lowered):
        return ImageTooLarge(f"the image is too large for the endpoint {endpoint}. {said}")
    if "not found" in lowered:
        return EndpointUnavailable(f"there is no endpoint {endpoint}: deploy the inference stack. {said}")
    if status == 403:
        return EndpointUnavailable(f"the function may not call the endpoint {endpoint}. {said}")
    return EndpointUnavailable(f"the endpoint {endpoint} is not in service. {said}")
