"""What counts as an error of a function: what its log says, since Lambda's own count holds every answer
"I am not sure" too.
"""

from __future__ import annotations

from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.monitoring.metrics import FUNCTION_ERRORS

PATTERNS = {
    # What lambda_src/core/invocation.py writes of an error that no function raises on purpose.
    "Logged": '{ $.logger = "scones" && $.level = "ERROR" }',
    # What Lambda's runtime writes of a function that it cannot load, or that refuses its environment.
    "NotLoaded": '{ $.errorType = "Runtime.*" || $.errorType = "InvalidConfiguration" }',
    # What Lambda writes of an invocation that it ended: out of time, out of memory, the process gone.
    "Ended": '{ $.type = "platform.report" && ($.record.status = "timeout" || '
    '$.record.errorType = "Runtime.OutOfMemory" || $.record.errorType = "Runtime.ExitError") }',
}


class FunctionErrors(Construct):
    """Counts the errors in a function's log into one metric of `namespace`."""

    def __init__(self, scope: Construct, id: str, *, namespace: str, log_group: logs.ILogGroup) -> None:
        super().__init__(scope, id)
        for name, pattern in PATTERNS.items():
            logs.MetricFilter(
                self,
                name,
                log_group=log_group,
                filter_pattern=logs.FilterPattern.literal(pattern),
                metric_namespace=namespace,
                metric_name=FUNCTION_ERRORS,
                metric_value="1",
            )
