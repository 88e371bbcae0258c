"""What the map run asks of an S3 client; boto3's has it."""

from __future__ import annotations

from typing import Any, Protocol


class S3(Protocol):
    """The operations of a boto3 S3 client that data sets are read and results are written with."""

    def list_objects_v2(self, **arguments: Any) -> Any: ...
    def get_object(self, **arguments: Any) -> Any: ...
    def put_object(self, **arguments: Any) -> Any: ...
    def upload_fileobj(self, file: Any, bucket: str, key: str, /, *, Config: Any) -> Any: ...
