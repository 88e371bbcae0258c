"""Names of S3 buckets and keys.

Rules: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and object-keys.html.
"""

from __future__ import annotations

import re
from typing import Any

from lambda_src.core.excerpt import excerpt
from lambda_src.core.limits import MAX_KEY_BYTES

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+", re.ASCII)


def bucket_problem(name: object) -> str | None:
    """What is wrong with a bucket's name; None when S3's naming rules allow it."""
    if not isinstance(name, str):
        return f"must be a string, not {excerpt(name)}"
    if not name:
        return "is empty: name a bucket, or leave the field out for the data bucket"
    if not _BUCKET.fullmatch(name) or ".." in name or _IP_ADDRESS.fullmatch(name):
        return (
            f"{excerpt(name)} is no bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, "
            "a letter or digit at both ends, no two dots in a row, no IP address, no s3:// in front"
        )
    return None


def key_problem(key: object) -> str | None:
    """What is wrong with an object's key; None for 1 to 1,024 bytes of UTF-8."""
    if not isinstance(key, str):
        return f"must be a string, not {excerpt(key)}"
    if not key:
        return 'is empty: name the object, for example "test/bicycle_s_000513.png"'
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        return f"{excerpt(key)} holds half a surrogate pair, which UTF-8 cannot encode"
    if size > MAX_KEY_BYTES:
        return f"is {size:,} bytes of UTF-8; S3 keys have at most {MAX_KEY_BYTES:,}"
    return None


def read_uri(text: object) -> tuple[str, str] | None:
    """Bucket and key of `s3://bucket/key`; None for what is no such address."""
    if not isinstance(text, str) or text[:5].lower() != "s3://":
        return None
    bucket, _, key = text[5:].partition("/")
    return bucket, key


def without_uri(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Fields whose `name` may be an address, as bucket and key.

    Unchanged where s3_bucket says another bucket: `uri_problem` has the words.
    """
    place = read_uri(fields.get(name))
    if place is None or uri_problem(fields, name):
        return fields
    return fields | {"s3_bucket": place[0], name: place[1]}


def uri_problem(fields: dict[str, Any], name: str) -> str | None:
    """What is wrong with two buckets; None where there is one."""
    place = read_uri(fields.get(name))
    if place is None or fields.get("s3_bucket", place[0]) == place[0]:
        return None
    return f"names the bucket {excerpt(place[0])}, s3_bucket is {excerpt(fields['s3_bucket'])}: leave one out"


def address(bucket: str, key: str) -> str:
    """The image as messages name it: `s3://bucket/key`, the key alone, or the execution's input."""
    if bucket and key:
        return excerpt(f"s3://{bucket}/{key}", limit=400)
    return excerpt(key, limit=400) if key else "the image in the execution's input"
