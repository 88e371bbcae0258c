"""Execution logs in CloudWatch Logs, written by a thread of their own.

Levels: https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html
"""

from __future__ import annotations

import contextvars
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import cloudwatch_logs

from loopback_aws.states.history.log_lines import Line, log_event, stream_name
from loopback_aws.states.records import Event, Execution

FATAL = {"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"}
ERROR = FATAL | {
    "FailStateEntered",
    "LambdaFunctionFailed",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionStartFailed",
    "LambdaFunctionTimedOut",
    "MapIterationAborted",
    "MapIterationFailed",
    "MapRunAborted",
    "MapRunFailed",
    "MapStateAborted",
    "MapStateFailed",
    "ParallelStateAborted",
    "ParallelStateFailed",
    "TaskFailed",
    "TaskStartFailed",
    "TaskStateAborted",
    "TaskSubmitFailed",
    "TaskTimedOut",
    "WaitStateAborted",
}
WAITING = 10_000
"""Lines that may wait for delivery; a run that is faster than that waits, so that no line is lost."""
BATCH = 500
"""Lines that are handed to CloudWatch Logs at once."""
GATHERED_SECONDS = 0.1
"""How long the first line waits for others. Delivered one by one, lines would take turns with the very run
that writes them, which a short execution notices; AWS delivers after seconds."""
_log = logging.getLogger("loopback_aws.states.history.logs")

Put = Callable[[str, str, list[dict[str, Any]]], bool]
"""Adds `{"timestamp": milliseconds, "message": text}` to a log group (ARN) and stream; False: no group."""


def logs_at(level: str, event_type: str) -> bool:
    """Whether a log of `level` (OFF, ALL, ERROR or FATAL) holds events of this type."""
    types = {"ERROR": ERROR, "FATAL": FATAL}
    return level == "ALL" or event_type in types.get(level, ())


class LogWriter:
    """Takes the events of runs and delivers those that their state machines log."""

    def __init__(self, put: Put | None = None, *, waiting: int = WAITING) -> None:
        self._put = put or put_lines
        self._lines: queue.Queue[Line | None] = queue.Queue(waiting)
        self._missing: set[str] = set()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._deliver, name="execution-logs", daemon=True)
        self._thread.start()

    def write(self, execution: Execution, events: list[Event]) -> None:
        """Log what the level of the execution's state machine asks for; returns before it is delivered."""
        configuration = execution.machine.logging
        level = configuration.get("level", "OFF")
        chosen = [event for event in events if logs_at(level, event["type"])]
        if not chosen:
            return
        with_data = str(configuration.get("includeExecutionData", False)).lower() == "true"
        stream = stream_name(execution)
        for destination in configuration.get("destinations", []):
            group = destination["cloudWatchLogsLogGroup"]["logGroupArn"]
            for event in chosen:
                self._lines.put(Line(group, stream, execution.arn, execution.redrives, event, with_data))

    def close(self) -> None:
        """Deliver what waits and end; nothing may be written after this."""
        self._closing.set()
        self._lines.put(None)
        self._thread.join()

    def _deliver(self) -> None:
        while (line := self._lines.get()) is not None:
            if self._lines.qsize() < BATCH:
                self._closing.wait(GATHERED_SECONDS)
            batch, ended = self._more([line])
            self._deliver_batch(batch)
            if ended:
                return

    def _more(self, batch: list[Line]) -> tuple[list[Line], bool]:
        """`batch` with what waits besides, and whether that was the last of all."""
        while len(batch) < BATCH:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                break
            if line is None:
                return batch, True
            batch.append(line)
        return batch, False

    def _deliver_batch(self, batch: list[Line]) -> None:
        for group, stream in dict.fromkeys((line.group, line.stream) for line in batch):
            lines = [line for line in batch if (line.group, line.stream) == (group, stream)]
            try:
                found = self._put(group, stream, [log_event(line) for line in lines])
            except Exception:  # noqa: BLE001 - one log that fails must not end all others
                _log.exception("%s execution events could not be logged to %s", len(lines), group)
                continue
            if not found and group not in self._missing:
                _log.warning("Executions log to %s, which does not exist", group)
                self._missing.add(group)


def put_lines(group: str, stream: str, lines: list[dict[str, Any]]) -> bool:
    """Put lines into a log group of the emulator's CloudWatch Logs, where subscription filters see them."""
    return contextvars.copy_context().run(_put_lines, group.split(":"), stream, lines)


def _put_lines(group: list[str], name: str, lines: list[dict[str, Any]]) -> bool:
    """As PutLogEvents, which would keep a second copy of each line for queries; those make it when needed."""
    set_request_region(group[3])
    set_request_account_id(group[4])
    found = cloudwatch_logs._log_groups.get(group[6])
    if found is None:
        return False
    cloudwatch_logs._create_log_stream({"logGroupName": group[6], "logStreamName": name})  # or it is there
    now = round(time.time() * 1000)
    events = [line | {"ingestionTime": now} for line in lines]
    cloudwatch_logs._append_log_events(found["streams"][name], events)
    cloudwatch_logs._fanout_to_subscription_filters(group[6], name, lines)
    cloudwatch_logs._fanout_to_live_tail_sessions(group[6], name, events)
    return True
