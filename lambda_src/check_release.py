"""After each update of the endpoint: does it serve the config that was deployed?

A custom resource behind the endpoint. An update that an alarm rolled back leaves an endpoint in service, on
the config of before, and may pass for a success: this fails the stack then, so that nothing that needs the
new model is deployed after it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from lambda_src.aws.releases import Releases
from lambda_src.core.cloudformation import answer, response_url
from lambda_src.core.releases.serving import Serving, problem_of, settled_serving

MARGIN_SECONDS = 30
"""Left for the answer, of the function's own time."""


def handler(event: dict[str, Any], context: Any) -> None:
    """CloudFormation's request, answered when the endpoint has settled."""
    response_url(event)
    endpoint, failure = os.environ["ENDPOINT_NAME"], ""
    if event["RequestType"] != "Delete":
        deployed = event["ResourceProperties"]["EndpointConfigName"]
        try:
            failure = check(deployed, Releases(endpoint, {}).serving, lambda: _seconds(context)) or ""
        except Exception as error:  # noqa: BLE001 - whatever it is, CloudFormation would wait for an hour
            failure = f"the release could not be checked: {error}"
    answer(event, endpoint, failure=failure)


def check(deployed: str, serving: Callable[[], Serving], seconds_left: Callable[[], float]) -> str | None:
    """Wait until the endpoint has settled; why it does not serve what was deployed, None where it does."""
    found = settled_serving(serving, lambda: seconds_left() >= MARGIN_SECONDS)
    if not found.settled:
        return f"the endpoint {found.endpoint} is still {found.status}: nobody knows what it will serve"
    return problem_of(found, deployed)


def _seconds(context: Any) -> float:
    return float(context.get_remaining_time_in_millis()) / 1000
