"""InvokeEndpoint's errors under the names that operators know.

AWS documents ModelError, ValidationError and the 5xx; throttling comes as an unmodelled 400 whose message
may be null, and a body over the limit as a bare 413 or as a ValidationError about an oversize body.
"""

from __future__ import annotations

from lambda_src.core.errors import (
    ClassificationError,
    EndpointThrottled,
    EndpointUnavailable,
    ImageTooLarge,
    ModelFailed,
    ModelRejectedImage,
)
from lambda_src.core.excerpt import one_line

_THROTTLED = frozenset(
    {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
)


def model_error(endpoint: str, status: int | None, message: str) -> ClassificationError:
    """The named error for a ModelError: the container's own status (None when unknown) and message."""
    said = f"the model behind {endpoint} answered {status or 'an unknown status'}: {one_line(message)}"
    if status == 429:
        return EndpointThrottled(said)
    if status == 408:  # The image did not reach the server in time: not the image's fault.
        return EndpointUnavailable(said)
    if status is not None and 400 <= status < 500:
        return ModelRejectedImage(said)
    return ModelFailed(said)


def endpoint_error(endpoint: str, code: str, status: int, message: str) -> ClassificationError:
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
