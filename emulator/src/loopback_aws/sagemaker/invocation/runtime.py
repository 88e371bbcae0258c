"""InvokeEndpoint: a request to an instance and its answer back, with AWS's limits and errors."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from loopback_aws.errors import ApiError
from loopback_aws.sagemaker.hosting.connections import Reply
from loopback_aws.sagemaker.hosting.deployment import Deployment
from loopback_aws.sagemaker.hosting.instance import Instance
from loopback_aws.sagemaker.hosting.rollouts import Rollouts
from loopback_aws.sagemaker.invocation.capture_record import Invocation
from loopback_aws.sagemaker.invocation.capture_writer import CaptureWriter
from loopback_aws.sagemaker.invocation.measurements import Measurement, Measurements
from loopback_aws.sagemaker.names import Region, log_group

MOST_BYTES = 6_291_456
"""Largest body of a request, in bytes."""
SECONDS = 60.0
"""Longest time that a container may take to answer."""
_TURNS = 4
"""Instances that a request is offered to while it meets only ones that just ended."""
_QUOTED_BYTES = 4096
"""Longest answer of a failed container that the message quotes."""

_PREFIX = "x-amzn-sagemaker-"
_FORWARDED = {
    "content-type": "Content-Type",
    "accept": "Accept",
    f"{_PREFIX}custom-attributes": "X-Amzn-SageMaker-Custom-Attributes",
    f"{_PREFIX}inference-id": "X-Amzn-SageMaker-Inference-Id",
}
_REFUSED = (
    "target-container-hostname",
    "enable-explanations",
    "inference-component",
    "session-id",
    "prefix-aware-id",
)
_EXITED = "An error occurred while handling request as the model process exited."
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency "
    "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)


class Runtime:
    """Answers invocations from the endpoints' live instances."""

    def __init__(
        self, rollouts: Rollouts, region: Region, capture: CaptureWriter, measurements: Measurements
    ) -> None:
        self._rollouts = rollouts
        self._region = region
        self._capture = capture
        self._measurements = measurements

    def invoke(
        self, endpoint: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for the caller; ApiError for everything but an answer of the model."""
        begin = time.perf_counter()
        deployment = self._rollouts.route(endpoint)
        if deployment is None:
            account = self._region.account
            raise ApiError("ValidationError", f"Endpoint {endpoint} of account {account} not found.")
        _check(endpoint, headers, body)
        reply, variant, deployment = self._ask(endpoint, deployment, headers, body, begin)
        content_type = reply.headers.get("content-type", "application/octet-stream")
        self._capture.offer(
            Invocation(
                endpoint=endpoint,
                variant=variant,
                content_type=headers.get("content-type", "application/octet-stream"),
                body=body,
                answer_type=content_type,
                answer=reply.body,
                inference_id=headers.get(f"{_PREFIX}inference-id"),
                moment=datetime.now(UTC),
            ),
            deployment.capture,
        )
        answer = {"content-type": content_type, "x-amzn-invoked-production-variant": variant}
        if attributes := reply.headers.get(f"{_PREFIX}custom-attributes"):
            answer[f"{_PREFIX}custom-attributes"] = attributes
        return 200, answer, reply.body

    def _ask(
        self, endpoint: str, deployment: Deployment, headers: dict[str, str], body: bytes, begin: float
    ) -> tuple[Reply, str, Deployment]:
        """The container's 2xx answer, and the variant and the deployment that gave it."""
        forwarded = {name: headers[lower] for lower, name in _FORWARDED.items() if lower in headers}
        for _ in range(_TURNS):
            variant = self._variant(endpoint, deployment, headers)
            with deployment.fleets[variant].turn() as instance:
                measure = self._measuring(endpoint, deployment, variant, instance, begin)
                reply = self._post(endpoint, instance, forwarded, body, measure) if instance else None
            if reply is None:  # the instance just ended, or the deployment was replaced: the next one's turn
                deployment = self._rollouts.route(endpoint) or deployment
            elif 200 <= reply.status < 300:
                return reply, variant, deployment
            else:
                raise self._model_error(endpoint, reply.status, reply.body.decode("utf-8", "replace"))
        measure(0)
        raise self._model_error(endpoint, 0, _EXITED)

    def _post(
        self,
        endpoint: str,
        instance: Instance,
        headers: dict[str, str],
        body: bytes,
        measure: Callable[[int], None],
    ) -> Reply | None:
        """The container's answer, whatever its status; None when nobody listens, so nothing was asked yet."""
        try:
            reply = instance.connections.post("/invocations", body, headers, SECONDS)
        except ConnectionRefusedError:
            return None
        except TimeoutError:
            measure(0)
            raise self._model_error(endpoint, 0, _TIMED_OUT) from None
        except (OSError, http.client.HTTPException):
            measure(0)
            raise self._model_error(endpoint, 0, _EXITED) from None
        measure(reply.status)
        return reply

    def _measuring(
        self, endpoint: str, deployment: Deployment, variant: str, instance: Instance | None, begin: float
    ) -> Callable[[int], None]:
        """What notes the request, from now on the model's, when it has an answer of some status."""
        in_flight, asked = instance.in_flight if instance else 0, time.perf_counter()

        def measure(status: int) -> None:
            self._measurements.add(
                Measurement(
                    endpoint=endpoint,
                    variant=variant,
                    config=deployment.plan["config"]["EndpointConfigName"],
                    moment=time.time(),
                    status=status,
                    model_seconds=time.perf_counter() - asked,
                    overhead_seconds=asked - begin,
                    instances=deployment.fleets[variant].desired,
                    in_flight=in_flight,
                )
            )

        return measure

    def _variant(self, endpoint: str, deployment: Deployment, headers: dict[str, str]) -> str:
        wanted = headers.get(f"{_PREFIX}target-variant")
        if wanted is None:
            chosen = deployment.choose()
            if chosen is None:
                raise ApiError("ValidationError", f"Every variant of endpoint {endpoint} has a weight of 0.")
            return chosen
        if wanted not in deployment.fleets:
            raise ApiError(
                "ValidationError",
                f"Variant {wanted} not found for endpoint {endpoint} of account {self._region.account}.",
            )
        return wanted

    def _model_error(self, endpoint: str, status: int, text: str) -> ApiError:
        side = "client" if 400 <= status < 500 else "server"
        said = f'with message "{text}"'
        if len(text) > _QUOTED_BYTES:
            said = "and could not load the entire response body"
        region, account = self._region.name, self._region.account
        console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        message = (
            f"Received {side} error ({status}) from primary {said}. See {console}"
            f"#logEventViewer:group={log_group(endpoint)} in account {account} for more information."
        )
        fields = {
            "OriginalStatusCode": status,
            "OriginalMessage": text[:_QUOTED_BYTES],
            "LogStreamArn": self._region.log_group_arn(endpoint),
        }
        return ApiError("ModelError", message, 424, fields)


def _check(endpoint: str, headers: dict[str, str], body: bytes) -> None:
    """What AWS refuses before a container sees it, and what is not emulated."""
    if len(body) > MOST_BYTES:
        raise ApiError("413", f"HTTP content length exceeded {MOST_BYTES} bytes.", 413)
    if f"{_PREFIX}target-model" in headers:
        raise ApiError(
            "ValidationError",
            f"Endpoint {endpoint} is not a multi-model endpoint and does not support target model header.",
        )
    for name in _REFUSED:
        if _PREFIX + name in headers:
            raise ApiError("ValidationError", f"InvokeEndpoint: {_PREFIX}{name} is not emulated on loopback.")
    inference_id = headers.get(f"{_PREFIX}inference-id", "x")
    if not re.fullmatch(r"\S[ -~]{0,63}", inference_id):
        raise ApiError(
            "ValidationError",
            f"InferenceId {inference_id!r} is not 1 to 64 printable characters without leading space.",
        )
    attributes = headers.get(f"{_PREFIX}custom-attributes", "")
    if len(attributes) > 1024 or not attributes.isascii():
        raise ApiError("ValidationError", "CustomAttributes must be ASCII of at most 1024 characters.")
