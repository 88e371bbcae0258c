"""What the deployed artifact says of its model: model.json alone is kept of the archive that streams by."""

from __future__ import annotations

import hashlib
import json
import tarfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from reports.figures.baseline import Baseline, read_baseline
from training.artifact.writing import CARD

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 256 * 1024
_CARD_BYTES = 16 * 1024**2
"""Most that model.json may have: a baseline is some kilobytes."""


class ArtifactUnreadable(Exception):
    """The model's artifact is not there, may not be read, or holds no model.json of this project."""


@dataclass(frozen=True)
class Model:
    """The model's baseline, and when its artifact was put where it is: no record before is of this model."""

    baseline: Baseline
    stored: datetime


class _Source(Protocol):
    def read(self, amount: int | None = None, /) -> bytes: ...


class _Hashed:
    """A stream that remembers the digest of what was read of it."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._digest = hashlib.sha256()

    def read(self, amount: int) -> bytes:
        chunk = self._source.read(amount)
        self._digest.update(chunk)
        return chunk

    def finish(self) -> str:
        """The digest, in hex, of everything to the stream's end."""
        while self.read(_CHUNK):
            pass
        return self._digest.hexdigest()


def read_model(s3: S3Client, uri: str, threshold: float) -> Model:
    """The model of the artifact at s3://bucket/key; `threshold` is the one in force.

    Memory does not grow with the artifact. Raises ArtifactUnreadable.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
        with closing(answer["Body"]) as body:
            stream = _Hashed(body)
            card = _card(stream)
            digest = stream.finish()
        return Model(
            read_baseline(card, digest=digest, threshold=threshold), answer["LastModified"].astimezone(UTC)
        )
    except (BotoCoreError, ClientError, tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise ArtifactUnreadable(
            f"the model's artifact {uri} cannot be used: {error}. Deploy the stacks again."
        ) from error


def _card(stream: Any) -> dict[str, Any]:
    with tarfile.open(fileobj=stream, mode="r|gz") as archive:
        for member in archive:
            if member.name.removeprefix("./") == CARD and member.isfile() and member.size <= _CARD_BYTES:
                file = archive.extractfile(member)
                card = json.loads(file.read() if file else b"")
                if isinstance(card, dict):
                    return card
                raise ValueError(f"{CARD} is not an object")
    raise ValueError(f"it holds no {CARD}")
