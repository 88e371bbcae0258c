"""Step Functions' operations on executions, task tokens and map runs, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from loopback_aws.errors import ApiError
from loopback_aws.states.api import activities, machines
from loopback_aws.states.api.executions import Executions
from loopback_aws.states.api.express import start_sync
from loopback_aws.states.api.history import get_history
from loopback_aws.states.api.map_runs import MapRuns
from loopback_aws.states.api.redrive import Redrives
from loopback_aws.states.api.requests import required
from loopback_aws.states.api.tokens import get_activity_task, send_failure, send_heartbeat, send_success
from loopback_aws.states.flow.clients import listen_on
from loopback_aws.states.history.database import ClosedError, NotKeptError
from loopback_aws.states.history.logs import LogWriter
from loopback_aws.states.history.status_events import StatusEvents, Watcher
from loopback_aws.states.history.store import Store
from loopback_aws.states.interruptions import settle
from loopback_aws.states.records import Execution
from loopback_aws.states.runs.interpreter import Interpreter
from loopback_aws.states.runs.run import wait_until_gone
from loopback_aws.states.runs.timers import Timers

ENDING_SECONDS = 1.0
"""How long the deletion of a machine, or the end of all, waits for executions that are just ending."""
RECORDED = frozenset({"StopExecution", "RedriveExecution", "UpdateMapRun"})
"""What is answered when it is on disk; an execution is on disk before it starts."""
Operation = Callable[[dict[str, Any]], dict[str, Any]]


class StepFunctions:
    """Everything that runs state machines, from its file to its threads."""

    def __init__(self, *, state: Path, port: int, secret: str) -> None:
        """`state` is the folder that executions are kept in, `port` where the local AWS listens,
        `secret` that of the accounts' keys."""
        listen_on(port, secret)
        self.store = Store(state / "states.sqlite3")
        self._interrupted = settle(self.store)  # before anything is asked about them
        self._timers = Timers()
        self._log = LogWriter()
        self.interpreter = Interpreter(
            store=self.store, timers=self._timers, log=self._log.write, ended=self._tell
        )
        executions = Executions(self.store, self.interpreter, self._tell)
        map_runs = MapRuns(self.store, self.interpreter)
        redrives = Redrives(self.store, self.interpreter, executions, self._tell)
        self._events = StatusEvents(executions.not_redrivable)
        self._operations: dict[str, Operation] = {
            "StartExecution": executions.start,
            "StartSyncExecution": lambda request: start_sync(self.interpreter, self._tell, request),
            "StopExecution": executions.stop,
            "RedriveExecution": redrives.redrive,
            "DescribeExecution": executions.describe,
            "ListExecutions": executions.list,
            "GetExecutionHistory": lambda request: get_history(self.store, request),
            "DescribeStateMachineForExecution": executions.describe_machine,
            "SendTaskSuccess": send_success,
            "SendTaskFailure": send_failure,
            "SendTaskHeartbeat": send_heartbeat,
            "DeleteStateMachine": self._delete_machine,
            "CreateActivity": activities.create,
            "DeleteActivity": activities.delete,
            "DescribeActivity": activities.describe,
            "ListActivities": activities.list_page,
            "ListMapRuns": map_runs.list,
            "DescribeMapRun": map_runs.describe,
            "UpdateMapRun": map_runs.update,
        }

    @property
    def operations(self) -> frozenset[str]:
        """Names that `call` answers to; GetActivityTask has a method of its own."""
        return frozenset(self._operations)

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The answer of an operation, times in seconds since the epoch. ApiError."""
        if operation not in self._operations:
            raise ApiError("UnknownOperationException", f"Unknown operation: {operation}")
        try:
            if operation in RECORDED:
                self.store.check()
            answer = self._operations[operation](request)
            if operation in RECORDED:
                self.store.commit()
            return answer
        except NotKeptError as error:
            raise ApiError("ServiceUnavailable", str(error), 503) from None
        except ClosedError:
            raise ApiError("ServiceUnavailable", "The local AWS is stopping", 503) from None

    async def get_activity_task(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetActivityTask, which waits up to a minute. ApiError."""
        return await get_activity_task(request)

    def watch(self, watcher: Watcher) -> None:
        """Have `watcher` told of every execution when it starts and when it ends."""
        self._events.watch(watcher)

    def _delete_machine(self, request: dict[str, Any]) -> dict[str, Any]:
        arn = required(request, "stateMachineArn")
        machines.forget(arn)
        self.forget_machine(arn)
        return {}

    def tell_interrupted(self) -> None:
        """Tell of the executions that have failed because the local AWS ended while they ran; when the
        emulator is ready to."""
        interrupted, self._interrupted = self._interrupted, []
        for execution in interrupted:
            self._tell(execution)

    def forget_machine(self, arn: str) -> None:
        """End what runs of a state machine and forget its executions."""
        runs = [run for run in self.interpreter.runs() if run.execution.machine.arn.partition("/")[0] == arn]
        for run in runs:
            run.stop(None, None)
        wait_until_gone(runs, ENDING_SECONDS)  # a map run that ends, or a run that just did, still writes
        self.store.forget_machine(arn)

    def stop(self) -> None:
        """Write what waits and end the threads; executions that run have failed at the next start."""
        self._timers.stop()
        self.store.seal()  # what the runs do from now on is as if they had been killed
        self.interpreter.leave()
        self.store.close()
        self._log.close()

    def wait(self) -> None:
        """After `stop`, and once the functions have ended: let the executions' threads come to rest."""
        self.interpreter.wait(ENDING_SECONDS)

    def _tell(self, execution: Execution) -> None:
        self._events.publish(execution)
