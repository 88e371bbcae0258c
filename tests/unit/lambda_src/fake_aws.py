"""An HTTP server on loopback that answers as it is told and remembers the requests.

The handlers' real botocore clients talk to it, so that AWS's own error formats are what is parsed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import unquote


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """`length` overrides the Content-Length header; `delay` is an event to wait for before answering."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None
    delay: threading.Event | None = None


def s3_error(status: int, code: str, message: str = "as AWS words it") -> Answer:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Answer(status, body.encode(), (("Content-Type", "application/xml"),))


def runtime_error(status: int, code: str, **fields: Any) -> Answer:
    return Answer(
        status,
        json.dumps(fields).encode(),
        (("Content-Type", "application/json"), ("x-amzn-ErrorType", f"{code}:http://amazon.example/")),
    )


def model_error(original_status: int, original_message: str) -> Answer:
    word = "client" if original_status < 500 else "server"
    return runtime_error(
        424,
        "ModelError",
        Message=f'Received {word} error ({original_status}) from primary with message "{original_message}"',
        OriginalStatusCode=original_status,
        OriginalMessage=original_message,
        LogStreamArn="arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/e",
    )


def probabilities(*values: float, **headers: str) -> Answer:
    """What the model's container answers; keywords are response headers with _ for -."""
    listed = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(200, json.dumps(values).encode(), (("Content-Type", "application/json"), *listed))


class FakeAws:
    """Answers with `storage` to GET and `model` to POST; both are replaced by the tests.

    Either is an answer or a function of the request. What was PUT is in `objects` by its path,
    "/bucket/key", and a GET finds it there, unless `writing` refused it.
    """

    def __init__(self) -> None:
        self.reset()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def reset(self) -> None:
        self.requests: list[Request] = []
        self.storage: Answer | Callable[[Request], Answer] = s3_error(404, "NoSuchKey")
        self.model: Answer | Callable[[Request], Answer] = probabilities(0.05, 0.95)
        self.writing: Answer | Callable[[Request], Answer] = Answer()
        self.objects: dict[str, bytes] = {}

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _answer_to(request: Request, answer: Answer | Callable[[Request], Answer]) -> Answer:
    return answer(request) if callable(answer) else answer


def _handler(fake: FakeAws) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # Head and body in one packet: two would wait for each other's acknowledgement.

        def handle_expect_100(self) -> bool:
            """Answer at once: botocore waits a second for "100 Continue" before it sends a body anyway."""
            done = super().handle_expect_100()
            self.wfile.flush()
            return done

        def do_GET(self) -> None:
            request = self._request()
            found = fake.objects.get(request.path)
            self._answer(_answer_to(request, fake.storage) if found is None else Answer(body=found))

        def do_POST(self) -> None:
            self._answer(_answer_to(self._request(), fake.model))

        def do_PUT(self) -> None:
            request = self._request()
            answer = _answer_to(request, fake.writing)
            if answer.status == 200:
                fake.objects[request.path] = request.body
            self._answer(answer)

        def _request(self) -> Request:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = unquote(self.path.split("?")[0])
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, path, headers, body)
            fake.requests.append(request)
            return request

        def _answer(self, answer: Answer) -> None:
            if answer.delay:
                answer.delay.wait(10)
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header(
                "Content-Length", str(len(answer.body) if answer.length is None else answer.length)
            )
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = answer.length is not None

        def log_message(self, *_arguments: object) -> None:
            """Nothing: the requests are remembered."""

    return Handler
