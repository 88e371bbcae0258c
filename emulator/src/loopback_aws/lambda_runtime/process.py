"""Lambda processes: started by the emulator, running the project's bootstrap, bounded by a queue."""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from loopback_aws.lambda_runtime import temporary_folder
from loopback_aws.lambda_runtime.bootstrap import END_OF_LOGS
from loopback_aws.lambda_runtime.isolation import OWN_MOUNTS, STAND_INS
from loopback_aws.lambda_runtime.layers import foreign_packages
from loopback_aws.lambda_runtime.queue import WorkerQueue

SCRIPT = f"""\
import sys
sys.path[0] = {str(Path(__file__).parents[2])!r}
from loopback_aws.lambda_runtime.bootstrap import main
main()
"""
"""What a process of a Python function runs; the emulator writes it beside the function's unpacked code."""
LOG_SECONDS = 0.25
"""Longest wait for the end of an invocation's logs, should it have closed its standard error."""

START_SECONDS = 60
"""How much longer than an invocation an import may take. On AWS it may take 10 s, and then once more the
function's time-out; a laptop is slower."""
EXITED = "Worker process exited immediately"
"""How the emulator's error begins when a process does not come up."""

_log = logging.getLogger("loopback_aws.lambda_runtime")
_told: set[str] = set()
"""Layers of which the log says already that they are left out."""


class Failure(dict[str, Any]):
    """An invocation's error payload on its way out of a worker (`errorType`, `errorMessage`, …)."""


class ProcessEnded(Exception):
    """A process was gone before it was ready: killed, or its module ended it."""


class PythonWorker(lambda_runtime.Worker):
    """A process of a Python function whose failures are answers, under the names that AWS gives them."""

    def __init__(self, func_name: str, config: dict[str, Any], code_zip: bytes) -> None:
        super().__init__(func_name, with_logging_variables(config), code_zip)

    def invoke(self, event: Any, request_id: str, **context: Any) -> dict[str, Any]:
        """The emulator's answer of an invocation; a failure is its result, so that the process stays warm."""
        try:
            answer: dict[str, Any] = super().invoke(event, request_id, **context)
        except ProcessEnded as error:
            answer = {"status": "error", "error": str(error), "cold_start": True}
        if answer.get("broken"):  # its process ends: the next invocation must not meet it while it does
            self._end()
            self._proc = None
        if answer["status"] == "ok":
            return answer | {"result": Failure(answer["failure"])} if "failure" in answer else answer
        failed = runtime_failure(answer["error"], request_id)
        line = last_line(self.config, failed, request_id, str(answer["error"]))
        log = "\n".join(filter(None, [answer.get("log"), line]))
        return answer | {"status": "ok", "result": Failure(failed), "log": log}

    def _spawn(self) -> None:
        """Start the process, with this machine's packages in place of layers for another one."""
        self.config: dict[str, Any] = with_own_mounts(with_fitting_layers(self.config))
        seconds = self.config.get("Timeout", 3)
        late = threading.Event()

        def end() -> None:
            late.set()
            self._end()

        too_long = threading.Timer(START_SECONDS + seconds, end)
        too_long.daemon = True
        too_long.start()
        try:
            super()._spawn()
        except (BrokenPipeError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not str(error).startswith(EXITED):
                raise
            said = f"Task timed out after {seconds}.00 seconds" if late.is_set() else str(error)
            raise ProcessEnded(said) from error
        finally:
            too_long.cancel()

    def _end(self) -> None:
        """End the process and wait until it is gone."""
        if self._proc:
            self._proc.kill()
            self._proc.wait()

    def _drain_stderr_bounded(self, *_: float, **__: float) -> str:
        """The invocation's log lines, up to the mark that the bootstrap writes; no fixed wait."""
        lines = []
        end = time.monotonic() + LOG_SECONDS
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._stderr_queue.get(timeout=left)
            except queue.Empty:
                break
            if line == END_OF_LOGS:
                break
            lines.append(line)
        return "\n".join(lines)


def runtime_failure(message: str, request_id: str) -> dict[str, Any]:
    """AWS's error payload when the process was killed or ended: there is no exception to name."""
    if message.startswith("Task timed out"):
        kind = "Sandbox.Timedout"
    else:
        kind, message = "Runtime.ExitError", "Runtime exited without providing a reason"
    return {"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {message}"}


def last_line(config: dict[str, Any], failed: dict[str, Any], request_id: str, message: str) -> str:
    """What Lambda logs of a process that it ended, or that ended itself, in the function's log format."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    timed_out = failed["errorType"] == "Sandbox.Timedout"
    if (config.get("LoggingConfig") or {}).get("LogFormat") != "JSON":
        said = message if timed_out else failed["errorMessage"]
        return f"{now} {request_id} {said}" if timed_out else said
    status = {"status": "timeout"} if timed_out else {"status": "error", "errorType": failed["errorType"]}
    return json.dumps({"time": now, "type": "platform.report", "record": {"requestId": request_id, **status}})


def with_fitting_layers(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration without the layers that this Python cannot import, and with the names of what
    stands in for them."""
    kept: list[Any] = []
    stand_ins: set[str] = set()
    for layer in config.get("Layers") or []:
        content = lambda_svc._resolve_layer_zip(layer)
        names = foreign_packages(content) if content else ()
        if not names:
            kept.append(layer)
            continue
        stand_ins.update(names)
        arn = layer if isinstance(layer, str) else layer["Arn"]
        if arn not in _told:
            _told.add(arn)
            _log.warning(
                "Layer %s is built for another machine: functions get this machine's %s",
                arn,
                ", ".join(names),
            )
    if not stand_ins:
        return config
    variables = (config.get("Environment") or {}).get("Variables") or {}
    variables = variables | {STAND_INS: os.pathsep.join(sorted(stand_ins))}
    return config | {"Layers": kept, "Environment": {"Variables": variables}}


@lru_cache(maxsize=1)
def own_mounts() -> bool:
    """Whether the kernel lets a process mount its own `/tmp`; tried once, in a process for nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-I", "-S", temporary_folder.__file__, folder],
            cwd="/",
            capture_output=True,
            text=True,
        )
    if done.returncode:
        said = (done.stderr.splitlines() or [""])[-1]
        _log.warning("Functions' own /tmp is Python's only, the kernel does not allow a mount (%s)", said)
    return done.returncode == 0


def with_own_mounts(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with what the process has to know for a `/tmp` of its own."""
    if not own_mounts():
        return config
    variables = (config.get("Environment") or {}).get("Variables") or {}
    return config | {"Environment": {"Variables": variables | {OWN_MOUNTS: "1"}}}


def with_logging_variables(config: dict[str, Any]) -> dict[str, Any]:
    """The function's configuration with its LoggingConfig as the variables that the runtime reads."""
    logging = config.get("LoggingConfig") or {}
    name = config.get("FunctionName", "")
    variables = {
        "AWS_LAMBDA_LOG_FORMAT": "JSON" if logging.get("LogFormat") == "JSON" else "Text",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{name}",
    }
    if logging.get("LogFormat") == "JSON":
        variables["AWS_LAMBDA_LOG_LEVEL"] = logging.get("ApplicationLogLevel") or "INFO"
    given = (config.get("Environment") or {}).get("Variables") or {}
    return config | {"Environment": {"Variables": variables | given}}


class EmulatorPool:
    """The emulator's table of Lambda processes, as the queue sees it."""

    def idle(self) -> dict[str, int]:
        with lambda_runtime._lock:
            free = {
                key: [worker for worker in workers if not worker.in_use]
                for key, workers in lambda_runtime._workers.items()
            }
        longest_idle = sorted(
            (min(w.last_used for w in workers), key) for key, workers in free.items() if workers
        )
        return {key: len(free[key]) for _, key in longest_idle}

    def busy(self) -> int:
        with lambda_runtime._lock:
            return sum(worker.in_use for workers in lambda_runtime._workers.values() for worker in workers)

    def size(self) -> int:
        with lambda_runtime._lock:
            return sum(len(workers) for workers in lambda_runtime._workers.values())

    def evict(self, key: str) -> None:
        """End one idle process of the function `key`."""
        with lambda_runtime._lock:
            workers = lambda_runtime._workers[key]
            doomed = min((w for w in workers if not w.in_use), key=lambda w: w.last_used)
            workers.remove(doomed)
        lambda_runtime.kill_workers([doomed])


class BoundedWorkers:
    """`acquire_worker` and `release_worker` of the emulator, behind the queue."""

    def __init__(self, cap: int) -> None:
        self._pool = EmulatorPool()
        self._queue = WorkerQueue(cap, self._pool)
        self._acquire = lambda_runtime.acquire_worker
        self._release = lambda_runtime.release_worker

    def acquire(
        self, func_name: str, config: dict[str, Any], code_zip: bytes, qualifier: str = "$LATEST", **_: Any
    ) -> tuple[Any, str]:
        """Wait for this function's turn, then lease a warm process or a new one."""
        key = lambda_runtime._worker_key(func_name, config, qualifier)

        def take(evict: str | None) -> tuple[Any, str]:
            if evict:
                self._pool.evict(evict)
            leased: tuple[Any, str] = self._acquire(func_name, config, code_zip, qualifier=qualifier)
            return leased

        return self._queue.admit(key, take)

    def release(self, worker: Any) -> None:
        """Return a leased process; the next in the queue takes it."""
        if worker is not None:
            worker.last_used = time.time()
        self._release(worker)
        self._queue.freed()


def stop() -> None:
    """End every Lambda process and wait until they are gone."""
    lambda_runtime.reset()
