"""The inbox, one by one: an execution of ClassifyImage for each new object that the queue tells of."""

from __future__ import annotations

import os
from typing import Any

from lambda_src.aws.executions import StateMachine
from lambda_src.core.inbox.environment import state_machine_variable
from lambda_src.core.inbox.single import start_each
from lambda_src.core.invocation import logged

MACHINE = StateMachine(state_machine_variable(os.environ))


@logged("Inbox")
def handler(event: Any, _context: object) -> dict[str, Any]:
    """Records of SQS -> those that are to come again."""
    return start_each(event, MACHINE.start)
