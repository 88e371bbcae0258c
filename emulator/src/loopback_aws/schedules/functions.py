"""Functions that events and schedules start: as Lambda does with an event, tried again when they fail."""

from __future__ import annotations

import json
import logging

from ministack.services import lambda_svc

_log = logging.getLogger("loopback_aws.schedules")


def start_function(arn: str, payload: str) -> None:
    """Invoke a function with an event, without waiting for it.

    When it fails or is throttled it is invoked again as its event invoke configuration says, by default
    twice, with pauses of seconds where AWS makes minutes.
    """
    function, configuration, name = lambda_svc._get_func_record_for_ref(arn)
    if not function or not configuration:
        _log.warning("Function %s of a rule or a schedule is not there", name)
        return
    try:
        event = json.loads(payload)
    except ValueError:
        event = {"body": payload}
    record = lambda_svc._execution_record_for_config(function, configuration)
    lambda_svc.invoke_async_with_retry(record, event)
