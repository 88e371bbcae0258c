"""`python -m serving`: open the socket, then serve in this process or in one process a core.

SageMaker starts a container with the argument `serve`; it is accepted and means nothing more.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Sequence

from serving.errors import StartFailed
from serving.logs import capture_library_logs, log
from serving.settings import Settings, read_settings
from serving.supervisor import Readiness, Supervisor

BACKLOG = 1024
USAGE = "usage: python -m serving [serve]; settings are environment variables, see serving/settings.py"


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 after SIGTERM or SIGINT, 1 when the server could not start or lost its workers."""
    if list(arguments) not in ([], ["serve"]):
        print(USAGE, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    capture_library_logs()
    try:
        settings = read_settings(os.environ)
        listener = _listen(settings.host, settings.port)
    except StartFailed as failure:
        log("start_failed", level="error", error=type(failure).__name__, message=str(failure))
        return 1
    port = listener.getsockname()[1]
    log("listening", host=settings.host, port=port, workers=settings.workers)
    code = _serve(settings, listener)
    log("stopped", exit_code=code)
    return code


def _serve(settings: Settings, listener: socket.socket) -> int:
    readiness = Readiness(settings.workers)

    def work(number: int, supervisor_pipe: int | None) -> int:
        from serving.worker import Worker  # loads numpy and ONNX Runtime: in the worker's process only

        return Worker(settings, readiness, number).run(listener, supervisor_pipe)

    if settings.workers == 1:
        return work(0, None)
    return Supervisor(settings.workers, work, listener).run()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StartFailed(f"cannot listen on {host}:{port}: {error.strerror}; choose another PORT") from error
    listener.listen(BACKLOG)
    return listener


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
