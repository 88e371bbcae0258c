"""The Python runtime of a Lambda process, written after AWS's runtime interface client (awslambdaric).

Runs in the function's process: standard library only. It reads one JSON line of set-up, then one JSON line an
invocation, from standard input and answers one JSON line each on standard output. A handler's exception is an
answer (`failure`), not the end of the process.
"""

from __future__ import annotations

import datetime
import importlib
import json
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from loopback_aws.lambda_runtime.isolation import isolate

END_OF_LOGS = "\x00end-of-logs"
"""Line on standard error after each invocation's logs."""
RESPONSE_BYTES = 6_291_556
"""Largest response that Lambda takes."""
CODE_FOLDER = "/var/task"
RUNTIME_FOLDER = os.path.dirname(__file__)  # noqa: PTH120 - pathlib costs 10 ms of every cold start


class RuntimeFailureError(Exception):
    """A failure that the runtime names, not the handler."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def plain(value: Any) -> Any:
    """`value` as simplejson, which AWS uses, writes it: bytes as text, named tuples as objects."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {plain(key) if isinstance(key, bytes) else key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def marshal(result: Any) -> str:
    """The handler's result as JSON; RuntimeFailureError when it has none or is too large."""
    try:
        value = plain(result)
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise RuntimeFailureError("Runtime.MarshalError", f"Unable to marshal response: {error}") from None
    if (size := len(text.encode("utf-8", "surrogatepass"))) > RESPONSE_BYTES:
        raise RuntimeFailureError(
            "Function.ResponseSizeTooLarge",
            f"Response payload size ({size} bytes) exceeded maximum allowed payload size "
            f"({RESPONSE_BYTES} bytes).",
        )
    return json.dumps(value)


def failure(error: BaseException, request_id: str, code_folder: str) -> dict[str, Any]:
    """The payload that Lambda answers for an exception: its class name, message and the handler's frames."""
    frames = [
        f'  File "{frame.filename.replace(code_folder, CODE_FOLDER)}", line {frame.lineno}, in {frame.name}\n'
        f"    {frame.line}\n"
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((RUNTIME_FOLDER, "<frozen "))
    ]
    kind = error.kind if isinstance(error, RuntimeFailureError) else type(error).__name__
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": frames}


def failure_lines(payload: dict[str, Any]) -> str:
    """What the runtime logs of an exception, in the function's log format."""
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        line = {"timestamp": utc(time.time(), "%Y-%m-%dT%H:%M:%SZ"), "log_level": "ERROR", **payload}
        return json.dumps(line, ensure_ascii=False)
    trace = "".join(payload["stackTrace"]).rstrip("\n")
    said = f"[ERROR] {payload['errorType']}: {payload['errorMessage']}"
    return f"{said}\nTraceback (most recent call last):\n{trace}"


def load(module: str, name: str) -> Callable[[Any, Any], Any]:
    """The handler function; RuntimeFailureError under the name that AWS gives to what is missing."""
    try:
        handler: Callable[[Any, Any], Any] = getattr(importlib.import_module(module.replace("/", ".")), name)
    except ImportError as error:
        raise RuntimeFailureError(
            "Runtime.ImportModuleError", f"Unable to import module '{module}': {error}"
        ) from error
    except SyntaxError as error:
        raise RuntimeFailureError(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}"
        ) from error
    except AttributeError as error:
        raise RuntimeFailureError(
            "Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'"
        ) from error
    return handler


class JsonLines(logging.Formatter):
    """Log records as the runtime writes them when the function's log format is JSON."""

    def __init__(self, context: SimpleNamespace) -> None:
        super().__init__()
        self._context = context
        self._standard = {*vars(logging.makeLogRecord({})), "message", "asctime"}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": utc(record.created, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            line["errorType"] = record.exc_info[0].__name__
            line["errorMessage"] = str(record.exc_info[1])
            line["stackTrace"] = traceback.format_tb(record.exc_info[2])
        line["requestId"] = self._context.aws_request_id
        line |= {name: item for name, item in vars(record).items() if name not in self._standard}
        return json.dumps(line, default=str, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Log records as the runtime writes them when the function's log format is text."""

    def __init__(self, context: SimpleNamespace) -> None:
        super().__init__()
        self._context = context

    def format(self, record: logging.LogRecord) -> str:
        stamp = utc(record.created, "%Y-%m-%dT%H:%M:%S.") + f"{record.msecs:03.0f}Z"
        return f"[{record.levelname}]\t{stamp}\t{self._context.aws_request_id}\t{super().format(record)}"


def utc(seconds: float, form: str) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime(form)


def configure_logging(context: SimpleNamespace) -> None:
    """Handler and level on the root logger, from the variables in which AWS puts the logging settings."""
    as_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(context) if as_json else TextLines(context))
    root = logging.getLogger()
    root.addHandler(handler)
    if level := os.environ.get("AWS_LAMBDA_LOG_LEVEL"):
        root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level))


def make_context(setup: dict[str, Any]) -> SimpleNamespace:
    """The second argument of handlers; the request's own values are set at each invocation."""
    context = SimpleNamespace(
        function_name=setup["function_name"],
        function_version=os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        memory_limit_in_mb=str(setup["memory"]),
        invoked_function_arn=setup["arn"],
        aws_request_id="",
        log_group_name=os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", ""),
        log_stream_name=os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
        identity=None,
        client_context=None,
        deadline=0.0,
    )
    context.get_remaining_time_in_millis = lambda: max(0, int((context.deadline - time.time()) * 1000))
    return context


def main() -> None:
    """Serve invocations until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the emulator, which ends this process
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass")
    os.dup2(2, 1)  # whatever a handler or its children print is log
    sys.stdout = sys.stderr
    setup = json.loads(sys.stdin.readline())
    isolate(setup)
    context = make_context(setup)
    configure_logging(context)
    handler: Callable[[Any, Any], Any] | None = None
    broken: BaseException | None = None
    try:
        handler = load(setup["module"], setup["handler"])
    except Exception as error:  # noqa: BLE001 - any failing import is the answer to the invocation
        broken = error
    say(answers, '{"status": "ready"}')
    while line := sys.stdin.readline():
        message = json.loads(line)
        begin_invocation(context, message["ctx"])
        try:
            if handler is None:
                raise broken or RuntimeFailureError("Runtime.Unknown", "no handler")
            answer = f'{{"status": "ok", "result": {marshal(handler(message["event"], context))}}}'
        except Exception as error:  # noqa: BLE001 - any exception is the function's answer
            payload = failure(error, context.aws_request_id, setup["code_dir"])
            print(failure_lines(payload))
            answer = json.dumps({"status": "ok", "failure": payload, "broken": handler is None})
        print(END_OF_LOGS, file=sys.stderr, flush=True)
        say(answers, answer)
        if handler is None:
            return  # as on AWS the next invocation imports anew, in another process


def begin_invocation(context: SimpleNamespace, values: dict[str, Any]) -> None:
    """The request's id, ARN, trace and deadline, where a handler looks for them."""
    context.aws_request_id = values["request_id"]
    context.invoked_function_arn = values["invoked_function_arn"]
    context.deadline = time.time() + values["timeout_ms"] / 1000
    if values.get("trace_id"):
        os.environ["_X_AMZN_TRACE_ID"] = values["trace_id"]
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)


def say(answers: Any, line: str) -> None:
    answers.write(line + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
