"""Names that make starting twice the same as starting once: Step Functions takes a name once in 90 days."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

from lambda_src.core.s3_events import Arrival

PREFIX = "inbox-"
DIGEST_DIGITS = 16
"""Hexadecimal digits of an object's digest in the ledger: 64 bits tell a million objects apart."""
_NAME_DIGITS = 32
_MAX_STEM = 24
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


def digest(arrival: Arrival) -> str:
    """SHA-256 of bucket, key and version, in hexadecimal: the same whenever S3 tells of this object."""
    return hashlib.sha256("\n".join(arrival).encode()).hexdigest()


def image_execution_name(arrival: Arrival) -> str:
    """`inbox-bicycle_s_000023-<32 digits>`, at most 63 characters, which fit into an inference id, too."""
    file_name = arrival.s3_key.rpartition("/")[2]
    stem = _UNFIT.sub("_", file_name.partition(".")[0])[:_MAX_STEM]
    return f"{PREFIX}{stem}-{digest(arrival)[:_NAME_DIGITS]}"


def run_execution_name(digests: Iterable[str], gathered: datetime) -> str:
    """`inbox-20261201T142500Z-<8 digits>`, of the objects' digests and the time, which is in UTC."""
    objects = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    return f"{PREFIX}{gathered:%Y%m%dT%H%M%SZ}-{objects[:8]}"
