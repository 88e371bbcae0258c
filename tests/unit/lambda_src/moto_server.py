"""Moto's S3 on loopback, for a process of its own whose memory is measured: over HTTP, as AWS is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber

Listing = Callable[[int], tuple[list[str], int | None]]
"""The keys of a page that starts at a position, and where the next one starts."""


@contextmanager
def moto_server(listing: Listing) -> Iterator[str]:
    """Its address. Listings are given: moto makes 1,000 keys of one in half a second."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(listing))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def _handler(listing: Listing) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # Head and body in one packet: two would wait for each other's acknowledgement.

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = parse_qs(urlsplit(self.path).query)
            status, said, answer = 200, {}, b""
            if "list-type" in query:
                answer = _page(*listing(int(query.get("continuation-token", ["0"])[0])))
            else:
                url = f"https://s3.amazonaws.com{self.path}"
                headers = HTTPHeaders.from_dict(dict(self.headers))
                request = AWSPreparedRequest(self.command, url, headers, body, stream_output=False)
                status, said, answer = botocore_stubber.process_request(request)
                answer = answer.encode() if isinstance(answer, str) else answer
            self.send_response(status)
            for name, value in said.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = do_POST = do_DELETE = _answer

        def handle_expect_100(self) -> bool:
            going_on = super().handle_expect_100()
            self.wfile.flush()  # or botocore waits a second before it sends the body
            return going_on

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    return Handler


def _page(keys: list[str], next_: int | None) -> bytes:
    entries = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys)
    token = "" if next_ is None else f"<NextContinuationToken>{next_}</NextContinuationToken>"
    more = str(next_ is not None).lower()
    return f"<ListBucketResult><IsTruncated>{more}</IsTruncated>{token}{entries}</ListBucketResult>".encode()
