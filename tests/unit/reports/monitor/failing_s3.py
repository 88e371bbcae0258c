"""S3 whose failures a test wants: what may not be read, and writing that ends."""

from __future__ import annotations

from tests.aws import Answer, Aws, Objects, Request, s3_error


class FailingS3:
    """`unreadable`: keys that S3 hands out to nobody. `puts`: keys that were asked to be written, in turn.

    `put_ends`: from that PUT on each one is refused (0 is the first). `answer_lost`: of that PUT the object
    is written, and the answer is 500. `forbidden`: 403 instead of 404.
    """

    def __init__(self, aws: Aws) -> None:
        self.objects: Objects = aws.objects
        self.unreadable: set[str] = set()
        self.puts: list[str] = []
        self.put_ends: int | None = None
        self.answer_lost: int | None = None
        self.forbidden = False
        aws.answers |= {"GetObject": self._get, "PutObject": self.put}

    def _get(self, request: Request) -> Answer | None:
        bucket, key = _place(request)
        if key in self.unreadable or (self.forbidden and (bucket, key) not in self.objects):
            return s3_error(403, "AccessDenied")
        return None

    def put(self, request: Request) -> Answer | None:
        """Refused, lost, or left to moto."""
        bucket, key = _place(request)
        number = len(self.puts)
        self.puts.append(key)
        if self.put_ends is not None and number >= self.put_ends:
            return s3_error(503, "SlowDown")
        if number == self.answer_lost:
            self.objects[bucket, key] = request.body
            return s3_error(500, "InternalError")
        return None


def _place(request: Request) -> tuple[str, str]:
    bucket, _, key = request.path.removeprefix("/").partition("/")
    return bucket, key
