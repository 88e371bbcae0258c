"""A stand-in for an S3 client, in memory, for what the map run's reader and writer do by themselves."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

MODIFIED = datetime(2022, 11, 17, 15, 44, 41, 700_000, UTC)


@dataclass
class MemoryS3:
    """Objects of any bucket by `bucket/key`; listings have pages of `page` keys."""

    objects: dict[str, bytes] = field(default_factory=dict)
    page: int = 2
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    bytes_read: int = 0

    def list_objects_v2(self, **arguments: Any) -> Any:
        self.requests.append(("list_objects_v2", arguments))
        prefix = f"{arguments['Bucket']}/{arguments.get('Prefix', '')}"
        keys = [name for name in sorted(self.objects) if name.startswith(prefix)]
        start = int(arguments.get("ContinuationToken", 0))
        contents = [
            {
                "Key": name.partition("/")[2],
                "ETag": '"e"',
                "LastModified": MODIFIED,
                "Size": len(self.objects[name]),
                "StorageClass": "STANDARD",
            }
            for name in keys[start : start + self.page]
        ]
        if start + self.page < len(keys):
            return {
                "Contents": contents,
                "IsTruncated": True,
                "NextContinuationToken": str(start + self.page),
            }
        return {"Contents": contents, "IsTruncated": False} if contents else {"IsTruncated": False}

    def get_object(self, **arguments: Any) -> Any:
        self.requests.append(("get_object", arguments))
        name = f"{arguments['Bucket']}/{arguments['Key']}"
        if name not in self.objects:
            response = {
                "Error": {"Code": "NoSuchKey", "Message": "The specified key does not exist."},
                "ResponseMetadata": {"HTTPStatusCode": 404, "RequestId": "R1"},
            }
            raise ClientError(response, "GetObject")  # type: ignore[arg-type]
        return {"Body": _Counted(self.objects[name], self)}

    def put_object(self, **arguments: Any) -> Any:
        self.objects[f"{arguments['Bucket']}/{arguments['Key']}"] = arguments["Body"]

    def upload_fileobj(self, file: Any, bucket: str, key: str, /, *, Config: Any) -> Any:  # noqa: ARG002
        self.objects[f"{bucket}/{key}"] = file.read()


class _Counted(io.BytesIO):
    def __init__(self, content: bytes, s3: MemoryS3) -> None:
        super().__init__(content)
        self._s3 = s3

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self._s3.bytes_read += len(piece)
        return piece
