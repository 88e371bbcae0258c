"""CloudWatch Logs: events become metrics by the embedded metric format and by metric filters.

The emulator keeps metric filters and never applies them. Every way by which events come to a log group ends
in the delivery to its subscription filters, and so begins here.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs

from loopback_aws.cloudwatch.log_metrics import check_filter, read_events

PRIVATE = (
    "ministack.services.cloudwatch_logs:_fanout_to_subscription_filters",
    "ministack.services.cloudwatch_logs:_metric_filters",
    "ministack.services.cloudwatch_logs:_put_metric_filter",
)
_log = logging.getLogger("loopback_aws.cloudwatch.logs")


def apply() -> None:
    """Wrap the delivery of events, and refuse metric filters that are not understood."""
    deliver, put = cloudwatch_logs._fanout_to_subscription_filters, cloudwatch_logs._put_metric_filter

    def read_and_deliver(group_name: str, stream_name: str, events: Sequence[dict[str, Any]]) -> None:
        try:
            read_events(group_name, events)
        except Exception:  # noqa: BLE001 - what counts events must not keep them from being logged
            _log.exception("The events of %s could not be counted", group_name)
        deliver(group_name, stream_name, events)

    def put_metric_filter(request: dict[str, Any]) -> Any:
        try:
            check_filter(request)
        except ValueError as error:
            return error_response_json("InvalidParameterException", str(error), 400)
        return put(request)

    cloudwatch_logs._fanout_to_subscription_filters = read_and_deliver
    cloudwatch_logs._put_metric_filter = put_metric_filter
