"""RedriveExecution: an execution that did not succeed goes on from where it failed.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

from loopback_aws.errors import ApiError
from loopback_aws.states.history.store import Store
from loopback_aws.states.records import Execution
from loopback_aws.states.runs.redrive import Resume, redriven, resume_of

TOKENS = 10
"""Client tokens that are remembered of an execution."""
TOKEN_SECONDS = 15 * 60


class Interpreter(Protocol):
    """What of the interpreter is used here."""

    def start(self, execution: Execution, resume: Resume | None = None) -> object: ...


class Executions(Protocol):
    """What of the operations on executions is used here."""

    def found(self, request: dict[str, Any]) -> Execution: ...

    def not_redrivable(self, execution: Execution) -> str | None: ...


class Redrives:
    """The operation, with the client tokens that it has seen."""

    def __init__(
        self,
        store: Store,
        interpreter: Interpreter,
        executions: Executions,
        started: Callable[[Execution], None],
    ) -> None:
        """`started` is told of every execution that is redriven, before it runs."""
        self._store = store
        self._interpreter = interpreter
        self._executions = executions
        self._started = started
        self._tokens: dict[str, OrderedDict[str, tuple[float, float]]] = {}
        """Execution -> client token -> (when it was first used, the redrive's date)."""
        self._lock = threading.Lock()

    def redrive(self, request: dict[str, Any]) -> dict[str, Any]:
        """RedriveExecution. ApiError ExecutionDoesNotExist, ExecutionNotRedrivable, InvalidArn,
        ValidationException."""
        token = _token(request)
        with self._lock:  # two redrives of one execution must not both find it failed
            execution = self._executions.found(request)
            if (date := self._known(execution.arn, token)) is not None:
                return {"redriveDate": date}
            self._check(execution)
            resume = resume_of(self._store, execution)
            redriven(execution)
            self._store.put_execution(execution)
            date = self._remember(execution, token)
        self._started(execution)
        self._interpreter.start(execution, resume)
        return {"redriveDate": date}

    def _check(self, execution: Execution) -> None:
        reason = self._executions.not_redrivable(execution)
        if reason is None and execution.map_run is not None:
            reason = "Execution was started by a Map Run and is redriven with it"
        if reason is not None:
            raise ApiError("ExecutionNotRedrivable", reason)

    def _known(self, arn: str, token: str | None) -> float | None:
        used, date = self._tokens.get(arn, OrderedDict()).get(token or "", (0.0, 0.0))
        return date if used and time.monotonic() - used < TOKEN_SECONDS else None

    def _remember(self, execution: Execution, token: str | None) -> float:
        date = execution.redriven.timestamp() if execution.redriven else 0.0
        if token:
            self._forget_expired()  # SDKs send a token with every redrive
            tokens = self._tokens.setdefault(execution.arn, OrderedDict())
            tokens[token] = (time.monotonic(), date)
            while len(tokens) > TOKENS:
                tokens.popitem(last=False)
        return date

    def _forget_expired(self) -> None:
        oldest = time.monotonic() - TOKEN_SECONDS
        for arn, tokens in list(self._tokens.items()):
            if max(used for used, _ in tokens.values()) <= oldest:
                del self._tokens[arn]


def _token(request: dict[str, Any]) -> str | None:
    """The client token, 1 to 64 printable ASCII characters. ApiError ValidationException."""
    token: str | None = request.get("clientToken")
    if token is not None and not (1 <= len(token) <= 64 and all("!" <= sign <= "~" for sign in token)):
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value '{token}' at 'clientToken' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [!-~]+ and have length from 1 to 64",
        )
    return token
