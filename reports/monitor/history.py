"""Executions of the window, as far as they can be listed: captured data counts without them, too."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from reports.history.executions import ExecutionHistory, list_executions
from reports.monitor.deadline import Deadline
from reports.monitor.environment import MonitorEnvironment

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

ERRORS = 500
"""Most failed executions that a run asks for their error, beside those that it knows."""
_logger = logging.getLogger("scones")


def read_history(
    states: SFNClient,
    environment: MonitorEnvironment,
    known_errors: dict[str, str],
    span: tuple[datetime, datetime],
    deadline: Deadline,
) -> ExecutionHistory | None:
    """What was started in the span; None where Step Functions does not say it, which the log tells."""
    machines = {"image": environment.state_machine, "batch": environment.batch_state_machine}
    try:
        return list_executions(
            states, machines, *span, errors_limit=deadline.looks(ERRORS), known_errors=known_errors
        )
    except (BotoCoreError, ClientError) as error:
        _logger.error("Monitor: executions are unknown in this report: %s", error)
        return None


def new_failures(history: ExecutionHistory | None, known_errors: dict[str, str] | None) -> dict[str, int]:
    """How often each error ended executions that were not told before; none where that is not known."""
    if known_errors is None:
        return {}
    errors = history.known_errors() if history else {}
    return dict(Counter(error for arn, error in errors.items() if arn not in known_errors))
