"""S3 on loopback as the monitor needs it: conditional PUT, folders in listings, failures on demand."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from urllib.parse import quote

from tests.unit.lambda_src.memory_s3 import MemoryS3, Place

Reply = tuple[int, bytes, dict[str, str]]
STORED = "Sat, 21 Nov 2026 06:00:00 GMT"
"""When each object was written, as it says."""


class ConditionalS3(MemoryS3):
    """`unreadable`: keys that S3 hands out to nobody. `puts`: keys that were asked to be written, in turn.

    `put_ends`: from that PUT on each one is refused (0 is the first). `answer_lost`: of that PUT the object
    is written, and the answer is 500. `forbidden`: 403 instead of 404.
    """

    def reset(self) -> None:
        super().reset()
        self.unreadable: set[str] = set()
        self.puts: list[str] = []
        self.put_ends: int | None = None
        self.answer_lost: int | None = None
        self.forbidden = False

    def _get(self, bucket: str, key: str, *_rest: object) -> Reply:
        body = self.objects.get((bucket, key))
        if key in self.unreadable or (body is None and self.forbidden):
            return error(403, "AccessDenied")
        if body is None:
            return error(404, "NoSuchKey")
        return 200, body, {"ETag": etag(body), "Last-Modified": STORED}

    def _put(
        self, bucket: str, key: str, _query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> Reply:
        number = len(self.puts)
        self.puts.append(key)
        if self.put_ends is not None and number >= self.put_ends:
            return error(503, "SlowDown")
        before = self.objects.get((bucket, key))
        if "if-none-match" in headers and before is not None:
            return error(412, "PreconditionFailed")
        if "if-match" in headers and before is None:
            return error(404, "NoSuchKey")
        if "if-match" in headers and before is not None and headers["if-match"] != etag(before):
            return error(412, "PreconditionFailed")
        self.objects[bucket, key] = body
        if number == self.answer_lost:
            return error(500, "InternalError")
        return 200, b"", {"ETag": etag(body)}

    def _list(self, bucket: str, _key: str, query: dict[str, str], *_rest: object) -> Reply:
        if "delimiter" in query:
            prefix = query["prefix"]
            rests = [key.removeprefix(prefix) for key in self.keys(bucket) if key.startswith(prefix)]
            folders = sorted({rest.partition("/")[0] for rest in rests if "/" in rest})
            entries = "".join(
                f"<CommonPrefixes><Prefix>{prefix}{folder}/</Prefix></CommonPrefixes>" for folder in folders
            )
            return 200, f"<ListBucketResult>{entries}</ListBucketResult>".encode(), {}
        return self._page(bucket, query)

    def _page(self, bucket: str, query: dict[str, str]) -> Reply:
        keys, prefix = self.keys(bucket), query.get("prefix", "")
        encoded = [key.encode() for key in keys]
        first = int(query.get("continuation-token") or bisect_left(encoded, prefix.encode()))
        page = [key for key in keys[first : first + self.page] if key.startswith(prefix)]
        more = first + len(page) < len(keys) and keys[first + len(page)].startswith(prefix)
        token = f"<NextContinuationToken>{first + len(page)}</NextContinuationToken>" if more else ""
        entries = "".join(_entry(key, self.objects[bucket, key]) for key in page)
        head = f"<EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>"
        return 200, f"<ListBucketResult>{head}{token}{entries}</ListBucketResult>".encode(), {}

    def place(self, key: str) -> Place:
        """Bucket and key of the one object whose key ends so."""
        [place] = [place for place in self.objects if place[1].endswith(key)]
        return place


def etag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'


def error(status: int, code: str) -> Reply:
    return status, f"<Error><Code>{code}</Code><Message>as AWS words it</Message></Error>".encode(), {}


def _entry(key: str, body: bytes) -> str:
    etag_ = etag(body).replace('"', "&quot;")
    return f"<Contents><Key>{quote(key)}</Key><Size>{len(body)}</Size><ETag>{etag_}</ETag></Contents>"
