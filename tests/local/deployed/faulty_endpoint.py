"""A server in front of InvokeEndpoint that can answer in its place, as AWS does when something is wrong.

The function "Classify images" is led to it by the environment variable that AWS's SDKs read.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from contracts.names import LOOPBACK_STAGE, StageNames
from tests.local.deployed import functions
from tests.local.deployed.emulator import Emulator

FUNCTION = StageNames(LOOPBACK_STAGE).function("classify-image")
OF_THE_CONNECTION = ("host", "authorization", "x-amz-date", "content-length", "connection")
VARIABLE = "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"


class Request(NamedTuple):
    """What an answer can depend on."""

    inference_id: str
    body: bytes
    attempt: int
    """How often this id was asked for, this time included."""

    @property
    def batch(self) -> int:
        """Number of the batch, which the id of a pack's request holds: `<execution>-<batch>-<pack>`."""
        return int(self.inference_id.split("-")[1])


class Answer(NamedTuple):
    """Status, error code and further members of an error's body."""

    status: int
    code: str
    members: dict[str, Any]


THROTTLED = Answer(400, "ThrottlingException", {"Message": "Rate exceeded"})
MODEL_FAILED = Answer(
    424,
    "ModelError",
    {
        "Message": "Received server error (500) from primary",
        "OriginalStatusCode": 500,
        "OriginalMessage": "a picture that breaks this model",
    },
)
Fault = Callable[[Request], Answer | None]
"""An answer in place of the endpoint's, or None to pass the request on."""


class FaultyEndpoint:
    """Passes requests on, but for those that `fault` answers; remembers the ids of all."""

    def __init__(self, behind: Emulator) -> None:
        self.fault: Fault = lambda _: None
        self.seen: list[str] = []
        self._behind = behind
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def failing(self, fault: Fault) -> Iterator[list[str]]:
        """The ids of the requests since, which `fault` decides upon."""
        self.fault, self.seen = fault, []
        try:
            yield self.seen
        finally:
            self.fault = lambda _: None

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer to a request."""
        id = headers.get("X-Amzn-SageMaker-Inference-Id", "")
        with self._lock:
            self.seen.append(id)
            attempt = self.seen.count(id)
        if answer := self.fault(Request(id, body, attempt)):
            error = {"x-amzn-errortype": answer.code, "Content-Type": "application/json"}
            return answer.status, error, json.dumps(answer.members).encode()
        connection = http.client.HTTPConnection(urlsplit(self._behind.endpoint).netloc, timeout=60)
        try:
            connection.request("POST", path, body, self._signed_again(path, headers, body))
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()
        finally:
            connection.close()

    def _signed_again(self, path: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        """The headers with a signature for the host behind: the given one is for this one."""
        variables = self._behind.variables
        keys = Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
        kept = {name: value for name, value in headers.items() if name.lower() not in OF_THE_CONNECTION}
        request = AWSRequest("POST", self._behind.endpoint + path, kept, body)
        SigV4Auth(keys, "sagemaker", variables["AWS_REGION"]).add_auth(request)
        return dict(request.headers)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, answer = endpoint.answer(self.path, dict(self.headers.items()), body)
                with suppress(ConnectionError):  # of a caller that was killed meanwhile
                    self.send_response(status)
                    for name, value in headers.items():
                        if name.lower() not in ("content-length", "connection", "date", "server"):
                            self.send_header(name, value)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing: every request would be a line."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: callers are killed in tests, in the middle of a request."""


@contextmanager
def in_front(aws: Emulator) -> Iterator[FaultyEndpoint]:
    """A faulty endpoint that the deployed function asks meanwhile."""
    endpoint = FaultyEndpoint(aws)
    try:
        with functions.environment(aws, FUNCTION, **{VARIABLE: endpoint.url}):
            yield endpoint
    finally:
        endpoint.close()
