"""The model's endpoint."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.aws.client import aws_client
from lambda_src.core.endpoint_errors import endpoint_error, model_error
from lambda_src.core.errors import ClassificationError, EndpointUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

READ_TIMEOUT_SECONDS = 60
"""What InvokeEndpoint itself gives a container; giving up earlier would send the image again too soon."""


class Answer(NamedTuple):
    """What the container answered: its body, and the custom attributes it set ("" for none)."""

    body: bytes
    custom_attributes: str


def endpoint_client() -> SageMakerRuntimeClient:
    """A client of InvokeEndpoint."""
    client: SageMakerRuntimeClient = aws_client("sagemaker-runtime", READ_TIMEOUT_SECONDS)
    return client


def invoke(
    runtime: SageMakerRuntimeClient, endpoint: str, image: bytes, content_type: str, inference_id: str
) -> Answer:
    """Send one image; `inference_id` goes into the captured record.

    Raises ModelRejectedImage, ModelFailed, ImageTooLarge, EndpointThrottled or EndpointUnavailable.
    """
    try:
        answer = runtime.invoke_endpoint(
            EndpointName=endpoint,
            Body=image,
            ContentType=content_type,
            Accept="application/json",
            InferenceId=inference_id,
        )
        with closing(answer["Body"]) as body:
            return Answer(body.read(), answer.get("CustomAttributes", ""))
    except ClientError as error:
        raise _named(error, endpoint) from error
    except BotoCoreError as error:
        raise EndpointUnavailable(f"the endpoint {endpoint} could not be reached: {error}") from error


def _named(error: ClientError, endpoint: str) -> ClassificationError:
    response: dict[str, Any] = dict(error.response)
    details, status = response.get("Error", {}), response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code, message = details.get("Code") or "", details.get("Message") or ""
    if code == "ModelError":
        return model_error(
            endpoint, response.get("OriginalStatusCode"), response.get("OriginalMessage") or message
        )
    return endpoint_error(endpoint, code, status, message)
