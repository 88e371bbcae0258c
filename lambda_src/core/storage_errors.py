"""What S3 and KMS answer, under the names that operators know: one table for who reads and who writes.

Who reads was given a bucket and a key by an operator, so a refusal is about that image; who writes puts the
application's own files into the data bucket, so a refusal is about the deployment. Only what can pass by
itself is StorageUnavailable, which the state machine retries.
Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and KMS's own behind `KMS.`:
https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html and API_GenerateDataKey.html.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from lambda_src.core.errors import (
    ClassificationError,
    ImageAccessDenied,
    ImageNotFound,
    InvalidConfiguration,
    InvalidInput,
    StorageUnavailable,
)
from lambda_src.core.excerpt import one_line
from lambda_src.core.location import address

Access: TypeAlias = Literal["read", "written"]


class Meaning(NamedTuple):
    """What an answer is to who reads and to who writes: the error, and its words; to a writer only why."""

    reading: type[ClassificationError]
    to_reader: str
    writing: type[ClassificationError]
    to_writer: str


PASSING = Meaning(StorageUnavailable, "{where} could not be read", StorageUnavailable, "")
DENIED = Meaning(
    ImageAccessDenied,
    "the function may not read {where}, or there is no such object (S3 says 403 for both unless the "
    "bucket may be listed)",
    InvalidConfiguration,
    "the function may not write there: deploy the storage and the workflow stack again",
)
REFUSED = Meaning(
    ImageAccessDenied, "S3 does not hand out {where}", InvalidConfiguration, "S3 does not take the object"
)
NO_OBJECT = Meaning(
    ImageNotFound,
    "there is no object {where}",
    InvalidConfiguration,
    "there is no bucket {bucket}: deploy the storage stack again",
)
NO_BUCKET = NO_OBJECT._replace(to_reader="there is no bucket {bucket}")
NO_NAME = Meaning(
    InvalidInput, "S3 does not take the name {where}", InvalidConfiguration, "S3 does not take the name"
)
OTHER_REGION = Meaning(
    InvalidInput,
    "the bucket {bucket} is in another region than the function: copy the images into one of its region",
    InvalidConfiguration,
    "the bucket {bucket} is in another region than the function: deploy both stacks again",
)
ARCHIVED = REFUSED._replace(to_reader="{where} is archived: restore it, then start again")
KEY = Meaning(
    ImageAccessDenied,
    "the key that encrypts {where} cannot be used",
    InvalidConfiguration,
    "the key that encrypts the bucket {bucket} cannot be used: enable it, or deploy the storage stack again",
)
CREDENTIALS = Meaning(
    InvalidConfiguration,
    "AWS does not take the function's credentials, asked for {where}: deploy the workflow stack again",
    InvalidConfiguration,
    "AWS does not take the function's credentials: deploy the workflow stack again",
)

CODES: dict[str, Meaning] = {
    "AccessDenied": DENIED,
    "AllAccessDisabled": DENIED,
    "NoSuchBucket": NO_BUCKET,
    "NoSuchKey": NO_OBJECT,
    "InvalidBucketName": NO_NAME,
    "InvalidURI": NO_NAME,
    "KeyTooLongError": NO_NAME,
    "InvalidObjectState": ARCHIVED,
    **dict.fromkeys(
        ("AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"),
        OTHER_REGION,
    ),
    **dict.fromkeys(
        ("AccountProblem", "InvalidAccessKeyId", "InvalidToken", "NotSignedUp", "SignatureDoesNotMatch"),
        CREDENTIALS,
    ),
    **dict.fromkeys(
        (
            "KMS.AccessDeniedException",
            "KMS.DisabledException",
            "KMS.IncorrectKeyException",
            "KMS.InvalidKeyUsageException",
            "KMS.KMSInvalidStateException",
            "KMS.NotFoundException",
        ),
        KEY,
    ),
    **dict.fromkeys(
        (
            "KMS.DependencyTimeoutException",
            "KMS.KMSInternalException",
            "KMS.KeyUnavailableException",
            "KMS.ThrottlingException",
        ),
        PASSING,
    ),
    # Another process of the function has other credentials, and another clock.
    **dict.fromkeys(("ExpiredToken", "RequestTimeTooSkewed", "TokenRefreshRequired"), PASSING),
    # Something was lost on the way, or somebody was faster: the attempt as a whole can be made again.
    **dict.fromkeys(
        ("BadDigest", "IncompleteBody", "InvalidPart", "NoSuchUpload", "XAmzContentSHA256Mismatch"), PASSING
    ),
    **dict.fromkeys(("OperationAborted", "RequestTimeout", "TemporaryRedirect"), PASSING),
    **dict.fromkeys(("InternalError", "ServiceUnavailable", "SlowDown"), PASSING),
    **dict.fromkeys(("Throttling", "ThrottlingException"), PASSING),
    "NotImplemented": REFUSED,
}
"""By S3's code, whatever its status."""

STATUSES: dict[int, Meaning] = {
    0: PASSING,
    301: OTHER_REGION,
    307: PASSING,
    401: CREDENTIALS,
    403: DENIED,
    404: NO_OBJECT,
    408: PASSING,
    429: PASSING,
}
"""By HTTP status, for other codes: an answer without a body has none but its status."""


OLD_CREDENTIALS = frozenset({"ExpiredToken", "TokenRefreshRequired"})
"""Passes for another process only, which has others."""


def passes(code: str, status: int) -> bool:
    """Whether the same request of the same process may succeed a little later."""
    return meaning_of(code, status) is PASSING and code not in OLD_CREDENTIALS


def storage_error(
    access: Access, bucket: str, key: str, code: str, status: int, message: str
) -> ClassificationError:
    """The named error for an answer of S3: its error code, HTTP status (0 for none) and message.

    `key` is empty where a whole bucket was asked for.
    """
    meaning = meaning_of(code, status)
    where = object_or_bucket(bucket, key)
    said = f"S3 answered {status} {code}: {one_line(message)}"
    if access == "read":
        return meaning.reading(f"{meaning.to_reader.format(where=where, bucket=bucket)}. {said}")
    reason = f": {meaning.to_writer.format(bucket=bucket)}" if meaning.to_writer else ""
    return meaning.writing(f"{where} could not be written{reason}. {said}")


def object_or_bucket(bucket: str, key: str) -> str:
    """What was asked for, as messages name it; without a key it is the bucket."""
    return address(bucket, key) if key else f"the bucket {bucket}"


def meaning_of(code: str, status: int) -> Meaning:
    """The row of the table for a code and its HTTP status; what is in neither list, 4xx, is refused."""
    if code in CODES:
        return CODES[code]
    if status >= 500:
        return PASSING
    return KEY if code.startswith("KMS.") else STATUSES.get(status, REFUSED)
