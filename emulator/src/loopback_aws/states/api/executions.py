"""Executions: start, describe, list, stop, and the machine as an execution runs it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from ministack.core.responses import get_account_id, get_region

from loopback_aws.errors import ApiError
from loopback_aws.states import arns
from loopback_aws.states.api import pages
from loopback_aws.states.api.answers import known, seconds
from loopback_aws.states.api.machines import machine_of_arn, machine_to_run
from loopback_aws.states.api.requests import input_in, name_in, required, trace_header_in
from loopback_aws.states.api.revisions import told
from loopback_aws.states.definitions.references import variable_references
from loopback_aws.states.history.store import RETENTION, Store
from loopback_aws.states.records import Execution, Machine, now
from loopback_aws.states.runs.interpreter import Interpreter

STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE")
REDRIVABLE_FOR = timedelta(days=14)
"""How long after its end an execution can be redriven."""
REDRIVABLE_EVENTS = 24_999
"""With as many events an execution cannot be redriven."""


class Executions:
    """The operations on executions of Standard machines, and the start of Express ones."""

    def __init__(self, store: Store, interpreter: Interpreter, started: Callable[[Execution], None]) -> None:
        """`started` is told of every execution before it runs."""
        self._store = store
        self._interpreter = interpreter
        self._started = started
        self._starting = threading.Lock()

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartExecution. Idempotent for Standard: the same name and input while it runs is the same
        execution (docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html)."""
        machine = machine_to_run(required(request, "stateMachineArn"))
        execution = new_execution(machine, request)
        if machine.type == "EXPRESS":
            self._started(execution)
            self._interpreter.start(execution)
            return _started_answer(execution)
        with self._starting:  # two starts of one name must not both find it free
            if existing := self._store.execution(execution.arn):
                if not _is_forgotten(existing):
                    return _started_answer(_same(existing, execution))
                self._store.forget_execution(execution.arn)
            self._store.check()
            self._store.put_execution(execution)
        self._store.confirm(execution)
        self._started(execution)
        self._interpreter.start(execution)
        return _started_answer(execution)

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeExecution; an Express execution only when a map run started it."""
        execution = self.found(request)
        machine = execution.machine
        data = request.get("includedData") != "METADATA_ONLY"
        answer: dict[str, Any] = {
            "executionArn": execution.arn,
            "stateMachineArn": machine.arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": seconds(execution.start),
            "stopDate": seconds(execution.stop),
            "input": execution.input if data else None,
            "inputDetails": {"included": data},
            "output": execution.output if data else None,
            "outputDetails": {"included": data} if execution.output is not None else None,
            "error": execution.error if data else None,
            "cause": execution.cause if data else None,
            "traceHeader": execution.trace_header,
            "mapRunArn": execution.map_run,
            "stateMachineVersionArn": machine.version_arn,
            "stateMachineAliasArn": machine.alias_arn,
            "redriveCount": execution.redrives,
            "redriveDate": seconds(execution.redriven),
        }
        return known(answer | self._redrive(execution))

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListExecutions of a machine, a version, an alias, or a map run."""
        size, after = pages.size_of(request), pages.place_of(request)
        status, redriven = _filters(request)
        map_run, machine = request.get("mapRunArn"), request.get("stateMachineArn")
        if (map_run is None) == (machine is None):
            raise ApiError("ValidationException", "Must specify either stateMachineArn or mapRunArn")
        if map_run is not None:
            arns.parsed(map_run, "mapRun")
            if self._store.map_run(map_run) is None:
                raise ApiError("ResourceNotFound", f"Map Run Does Not Exist: '{map_run}'")
        elif machine_of_arn(str(machine)).type == "EXPRESS":
            raise type_not_supported()
        found, more = self._store.executions(
            machine=machine, map_run=map_run, status=status, redriven=redriven, limit=size, after=after
        )
        token = pages.token_for(request, more) if more else None
        return known({"executions": [_item(execution) for execution in found], "nextToken": token})

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        """StopExecution. One that has ended stays as it is, and the answer is when it ended."""
        execution = existing_execution(self._store, required(request, "executionArn"), "execution")
        if run := self._interpreter.running(execution.arn):
            run.stop(request.get("error"), request.get("cause"))
            execution = self.found(request)
        stopped = execution.stop or datetime.now(UTC)
        return {"stopDate": seconds(stopped)}

    def describe_machine(self, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeStateMachineForExecution: the machine as it was when the execution started."""
        execution = self.found(request)
        machine = execution.machine
        label = machine.arn.partition("/")[2]
        updated = datetime.fromisoformat(machine.updated) if machine.updated else execution.start
        data = request.get("includedData") != "METADATA_ONLY"
        return known(
            {
                "stateMachineArn": machine.arn,
                "name": machine.name,
                "definition": machine.definition if data else None,
                "roleArn": machine.role,
                "updateDate": seconds(updated),
                "loggingConfiguration": machine.logging,
                "tracingConfiguration": machine.tracing or {"enabled": False},
                "mapRunArn": execution.map_run,
                "label": (label or _label(execution.map_run)) if execution.map_run else None,
                "revisionId": told(machine.revision),
                "variableReferences": variable_references(machine.definition) or None if data else None,
                "encryptionConfiguration": machine.encryption or {"type": "AWS_OWNED_KEY"},
            }
        )

    def found(self, request: dict[str, Any]) -> Execution:
        """The execution that a request names. ApiError InvalidArn, ExecutionDoesNotExist."""
        return existing_execution(self._store, required(request, "executionArn"))

    def _redrive(self, execution: Execution) -> dict[str, Any]:
        """Whether the execution can be redriven, and why not."""
        if reason := self.not_redrivable(execution):
            return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
        by_map_run = execution.map_run is not None
        return {"redriveStatus": "REDRIVABLE_BY_MAP_RUN" if by_map_run else "REDRIVABLE"}

    def not_redrivable(self, execution: Execution) -> str | None:
        """Why an execution cannot be redriven; None when it can."""
        if execution.status in ("RUNNING", "SUCCEEDED", "PENDING_REDRIVE"):
            return f"Execution is {execution.status} and cannot be redriven"
        if execution.stop and datetime.now(UTC) - execution.stop > REDRIVABLE_FOR:
            return "Execution redrivable period exceeded"
        if self._store.events(execution.arn, limit=1, after=REDRIVABLE_EVENTS - 1):
            return "Execution history event limit exceeded"
        return None


def new_execution(machine: Machine, request: dict[str, Any]) -> Execution:
    """The execution that a request asks for. ApiError InvalidName, InvalidExecutionInput."""
    name = name_in(request) or str(uuid.uuid4())
    text = input_in(request)
    express = machine.type == "EXPRESS"
    return Execution(
        arn=arns.express_arn(machine.arn, name, str(uuid.uuid4()))
        if express
        else arns.execution_arn(machine.arn, name),
        name=name,
        machine=machine,
        input=text,
        start=now(),
        trace_header=trace_header_in(request),
    )


def existing_execution(store: Store, arn: str, *kinds: str) -> Execution:
    """An execution that is kept, in the caller's account and region; `kinds` are as of `arns.parsed`.

    ApiError InvalidArn for what is no such execution's ARN, as an Express one never is outside of map runs;
    ExecutionDoesNotExist.
    """
    parsed = arns.parsed(arn, *(kinds or ("execution", "express")))
    mine = (parsed.account, parsed.region) == (get_account_id(), get_region())
    if mine and (execution := store.execution(arn)):
        return execution
    arns.parsed(arn, "execution")
    raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def type_not_supported() -> ApiError:
    """The error of an operation that is not for Express, or not for Standard machines."""
    return ApiError(
        "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine"
    )


def _same(existing: Execution, wanted: Execution) -> Execution:
    if existing.status == "RUNNING" and existing.input == wanted.input:
        return existing
    raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{wanted.arn}'")


def _is_forgotten(execution: Execution) -> bool:
    """Whether the name is free again, 90 days after the end."""
    return execution.stop is not None and datetime.now(UTC) - execution.stop > RETENTION


def _started_answer(execution: Execution) -> dict[str, Any]:
    return {"executionArn": execution.arn, "startDate": seconds(execution.start)}


def _filters(request: dict[str, Any]) -> tuple[str | None, bool | None]:
    """(status, redriven) that are listed. ApiError ValidationException."""
    status, redrive = request.get("statusFilter"), request.get("redriveFilter")
    _refuse_unknown(status, "statusFilter", STATUSES)
    _refuse_unknown(redrive, "redriveFilter", ("REDRIVEN", "NOT_REDRIVEN"))
    if status == "PENDING_REDRIVE" and not request.get("mapRunArn"):
        raise ApiError("ValidationException", "statusFilter PENDING_REDRIVE needs a mapRunArn")
    return status, None if redrive is None else redrive == "REDRIVEN"


def _refuse_unknown(value: Any, member: str, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(allowed)}]",
        )


def _item(execution: Execution) -> dict[str, Any]:
    """An execution as ListExecutions tells it."""
    return known(
        {
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine.arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": seconds(execution.start),
            "stopDate": seconds(execution.stop),
            "mapRunArn": execution.map_run,
            "itemCount": execution.item_count,
            "stateMachineVersionArn": execution.machine.version_arn,
            "stateMachineAliasArn": execution.machine.alias_arn,
            "redriveCount": execution.redrives,
            "redriveDate": seconds(execution.redriven),
        }
    )


def _label(map_run: str | None) -> str:
    """Label of the Map state in a map run's ARN: `…:mapRun:machine/label:uuid`."""
    return (map_run or "").partition("/")[2].partition(":")[0]
