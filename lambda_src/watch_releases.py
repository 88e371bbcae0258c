"""After each change of the endpoint: people hear of a release that did not take place, old models go."""

from __future__ import annotations

import os
from typing import Any

from lambda_src.aws.client import aws_client
from lambda_src.aws.release_records import ReleaseRecords
from lambda_src.aws.releases import READ_TIMEOUT_SECONDS, Releases
from lambda_src.core.invocation import logged
from lambda_src.core.releases.environment import WatchEnvironment
from lambda_src.core.releases.message import message, subject
from lambda_src.core.releases.serving import Serving, settled_serving
from lambda_src.core.releases.superseded import superseded

ENVIRONMENT = WatchEnvironment.read(os.environ)
RELEASES = Releases(ENVIRONMENT.endpoint_name, ENVIRONMENT.tags)
RECORDS = ReleaseRecords(ENVIRONMENT.data_bucket, ENVIRONMENT.releases_prefix)


@logged("Watch releases")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An event of EventBridge on the endpoint's status. SageMaker may send several for one change."""
    rolling_back = event.get("detail", {}).get("EndpointStatus") == "ROLLING_BACK"
    serving = settled_serving(RELEASES.serving)  # Lambda's time-out ends a wait in vain
    if not rolling_back and _is_no_release(serving):
        return {"outcome": "none"}
    failed = rolling_back or bool(serving.failure) or serving.status != "InService"
    outcome = "rolled_back" if failed else "released"
    if not RECORDS.claim(serving, outcome):
        return {"outcome": "known"}
    if failed:
        _tell(serving)
    else:
        RELEASES.delete(superseded(RELEASES.kept(), RELEASES.needed()))
    RECORDS.told(serving, outcome)
    return {"outcome": outcome}


def _is_no_release(serving: Serving) -> bool:
    """Scaling changes an endpoint, too: it serves the same config, for the same reason, as before."""
    last = RECORDS.newest()
    return last is not None and (last["endpoint_config"], last["failure"], last["told"]) == (
        serving.config,
        serving.failure,
        True,
    )


def _tell(serving: Serving) -> None:
    aws_client("sns", READ_TIMEOUT_SECONDS).publish(
        TopicArn=ENVIRONMENT.topic, Subject=subject(serving), Message=message(serving, ENVIRONMENT.runbook)
    )
