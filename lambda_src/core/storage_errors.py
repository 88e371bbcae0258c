"""S3's errors under the names that operators know."""

from __future__ import annotations

from lambda_src.core.errors import (
    ClassificationError,
    ImageAccessDenied,
    ImageNotFound,
    InvalidInput,
    StorageUnavailable,
)
from lambda_src.core.excerpt import one_line
from lambda_src.core.location import address

_NAMES_REFUSED = frozenset({"InvalidBucketName", "KeyTooLongError", "InvalidURI"})
# 4xx of passing causes: their status or their prefix alone would take them for a refusal.
PASSING = frozenset({"RequestTimeTooSkewed", "KMS.ThrottlingException"})


def storage_error(bucket: str, key: str, code: str, status: int, message: str) -> ClassificationError:
    """The named error for an answer of GetObject: its error code, HTTP status and message."""
    where = address(bucket, key)
    said = f"S3 answered {status} {code}: {one_line(message)}"
    if code == "NoSuchBucket":
        return ImageNotFound(f"there is no bucket {bucket}. {said}")
    if code in _NAMES_REFUSED:
        return InvalidInput(f"S3 does not take the name {where}. {said}")
    if status == 404:
        return ImageNotFound(f"there is no object {where}. {said}")
    if code == "InvalidObjectState":
        return ImageAccessDenied(f"{where} is archived: restore it, then start again. {said}")
    if status >= 500 or code in PASSING:
        return StorageUnavailable(f"{where} could not be read. {said}")
    if code.startswith("KMS."):
        return ImageAccessDenied(f"the key that encrypts {where} cannot be used. {said}")
    if status in (401, 403):
        return ImageAccessDenied(
            f"the function may not read {where}, or there is no such object "
            f"(S3 says 403 for both unless the bucket may be listed). {said}"
        )
    return StorageUnavailable(f"{where} could not be read. {said}")
