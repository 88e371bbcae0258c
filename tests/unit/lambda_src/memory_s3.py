"""S3 on loopback, in memory: pages of listings, ranges of keys, uploads in parts that are seen when complete.

Only what the functions of a batch run ask for; real botocore clients talk to it, checksums and XML included.
"""

from __future__ import annotations

import base64
import re
import threading
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

Place = tuple[str, str]
"""A bucket and a key."""


class MemoryS3:
    """Objects by bucket and key. `refuse` says after how many calls an operation is refused."""

    def __init__(self) -> None:
        self.reset()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def reset(self) -> None:
        self.objects: dict[Place, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.calls: list[str] = []
        self.refuse: dict[str, int] = {}
        self.refusal = (503, "SlowDown")
        self.page = 1000
        self._sorted: tuple[int, list[Place]] = (-1, [])
        self._lock = threading.Lock()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def keys(self, bucket: str) -> list[str]:
        """Keys of a bucket, as S3 sorts them: by their bytes."""
        if self._sorted[0] != len(self.objects):
            self._sorted = (len(self.objects), sorted(self.objects, key=lambda place: place[1].encode()))
        return [key for owner, key in self._sorted[1] if owner == bucket]

    def answer(
        self, method: str, bucket: str, key: str, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        """What S3 answers: status, body, headers."""
        operation, run = self._operation(method, key, query)
        with self._lock:
            self.calls.append(operation)
            left = self.refuse.get(operation)
            if left is not None and left <= 0:
                return _error(*self.refusal)
            if left is not None:
                self.refuse[operation] = left - 1
            return run(bucket, key, query, headers, body)

    def _operation(
        self, method: str, key: str, query: dict[str, str]
    ) -> tuple[str, Callable[..., tuple[int, bytes, dict[str, str]]]]:
        match method:
            case "GET" if not key:
                return "ListObjectsV2", self._list
            case "GET":
                return "GetObject", self._get
            case "PUT" if "uploadId" in query:
                return "UploadPart", self._upload_part
            case "PUT":
                return "PutObject", self._put
            case "POST" if "uploads" in query:
                return "CreateMultipartUpload", self._create_upload
            case "POST":
                return "CompleteMultipartUpload", self._complete_upload
        return "AbortMultipartUpload", self._abort_upload

    def _list(
        self, bucket: str, _key: str, query: dict[str, str], *_rest: object
    ) -> tuple[int, bytes, dict[str, str]]:
        keys, prefix = self.keys(bucket), query.get("prefix", "")
        encoded = [key.encode() for key in keys]
        first = bisect_left(encoded, prefix.encode())
        if after := query.get("start-after"):
            first = max(first, bisect_right(encoded, after.encode()))
        if token := query.get("continuation-token"):
            first = int(token)
        page = [key for key in keys[first : first + self.page] if key.startswith(prefix)]
        more = first + len(page) < len(keys) and keys[first + len(page)].startswith(prefix)
        entries = "".join(f"<Contents><Key>{quote(key)}</Key></Contents>" for key in page)
        token = f"<NextContinuationToken>{first + len(page)}</NextContinuationToken>" if more else ""
        xml = (
            f"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{token}{entries}</ListBucketResult>"
        )
        return 200, xml.encode(), {}

    def _get(self, bucket: str, key: str, *_rest: object) -> tuple[int, bytes, dict[str, str]]:
        body = self.objects.get((bucket, key))
        return _error(404, "NoSuchKey") if body is None else (200, body, {})

    def _put(
        self, bucket: str, key: str, _query: dict[str, str], _headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        self.objects[bucket, key] = body
        return 200, b"", {"ETag": '"e"'}

    def _create_upload(self, bucket: str, key: str, *_rest: object) -> tuple[int, bytes, dict[str, str]]:
        id_ = f"upload-{len(self.calls)}"
        self.uploads[id_] = {}
        xml = (
            f"<InitiateMultipartUploadResult><Bucket>{bucket}</Bucket><Key>{escape(key)}</Key>"
            f"<UploadId>{id_}</UploadId></InitiateMultipartUploadResult>"
        )
        return 200, xml.encode(), {}

    def _upload_part(
        self, _bucket: str, _key: str, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        self.uploads[query["uploadId"]][int(query["partNumber"])] = body
        sum_ = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        assert headers["x-amz-checksum-crc32"] == sum_
        return 200, b"", {"ETag": f'"{sum_}"', "x-amz-checksum-crc32": sum_}

    def _complete_upload(
        self, bucket: str, key: str, query: dict[str, str], _headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        parts = self.uploads.pop(query["uploadId"])
        sums = re.findall(r"<ChecksumCRC32>(.*?)</ChecksumCRC32>", body.decode())
        named = [int(number) for number in re.findall(r"<PartNumber>(\d+)</PartNumber>", body.decode())]
        expected = [base64.b64encode(zlib.crc32(part).to_bytes(4, "big")).decode() for part in parts.values()]
        assert (named, sums) == (sorted(parts), expected), "parts are named in order, with their checksums"
        assert all(len(parts[number]) >= 5 * 1024**2 for number in named[:-1]), "EntityTooSmall"
        self.objects[bucket, key] = b"".join(parts[number] for number in named)
        xml = f"<CompleteMultipartUploadResult><Key>{escape(key)}</Key></CompleteMultipartUploadResult>"
        return 200, xml.encode(), {}

    def _abort_upload(
        self, _bucket: str, _key: str, query: dict[str, str], *_rest: object
    ) -> tuple[int, bytes, dict[str, str]]:
        self.uploads.pop(query["uploadId"])
        return 204, b"", {}


def _error(status: int, code: str) -> tuple[int, bytes, dict[str, str]]:
    return status, f"<Error><Code>{code}</Code><Message>as AWS words it</Message></Error>".encode(), {}


def _handler(s3: MemoryS3) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # Head and body in one packet: two would wait for each other's acknowledgement.

        def _answer(self) -> None:
            body = self._body()
            address = urlsplit(self.path)
            bucket, _, key = unquote(address.path).lstrip("/").partition("/")
            query = {name: values[0] for name, values in parse_qs(address.query, True).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer, more = s3.answer(self.command, bucket, key, query, headers, body)
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = do_POST = do_DELETE = _answer

        def _body(self) -> bytes:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
                return body
            raise AssertionError("bodies of known size over HTTP are not sent in chunks")

        def handle_expect_100(self) -> bool:
            going_on = super().handle_expect_100()
            self.wfile.flush()  # or botocore waits a second before it sends the body
            return going_on

        def log_message(self, *_arguments: object) -> None:
            """Nothing: the calls are remembered."""

    return Handler
