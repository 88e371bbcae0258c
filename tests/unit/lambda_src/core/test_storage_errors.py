"""One table of S3's answers: every code has one name for who reads and one for who writes."""

from __future__ import annotations

import pytest

from lambda_src.core.errors import (
    ClassificationError,
    ImageAccessDenied,
    ImageNotFound,
    InvalidConfiguration,
    InvalidInput,
    StorageUnavailable,
)
from lambda_src.core.storage_errors import CODES, STATUSES, meaning_of, passes, storage_error

Named = type[ClassificationError]

PASSING = [
    (500, "InternalError"),
    (503, "SlowDown"),
    (503, "ServiceUnavailable"),
    (400, "RequestTimeout"),
    (400, "Throttling"),
    (400, "ThrottlingException"),
    (307, "TemporaryRedirect"),
    (409, "OperationAborted"),
    (400, "ExpiredToken"),
    (400, "TokenRefreshRequired"),
    (403, "RequestTimeTooSkewed"),
    (400, "BadDigest"),
    (400, "IncompleteBody"),
    (400, "InvalidPart"),
    (404, "NoSuchUpload"),
    (400, "XAmzContentSHA256Mismatch"),
    (400, "KMS.ThrottlingException"),
    (500, "KMS.KMSInternalException"),
    (500, "KMS.KeyUnavailableException"),
    (503, "KMS.DependencyTimeoutException"),
    (503, "KMS.AnythingElse"),
    (0, ""),
    (307, "307"),
    (408, "408"),
    (429, "429"),
    (500, "500"),
    (502, "502"),
    (503, "503"),
    (504, "504"),
]
LASTING: list[tuple[int, str, Named, Named, str]] = [
    (403, "AccessDenied", ImageAccessDenied, InvalidConfiguration, "may not"),
    (403, "AllAccessDisabled", ImageAccessDenied, InvalidConfiguration, "may not"),
    (403, "403", ImageAccessDenied, InvalidConfiguration, "may not"),
    (404, "NoSuchBucket", ImageNotFound, InvalidConfiguration, "no bucket pictures"),
    (404, "NoSuchKey", ImageNotFound, InvalidConfiguration, "there is no"),
    (404, "404", ImageNotFound, InvalidConfiguration, "there is no"),
    (400, "InvalidBucketName", InvalidInput, InvalidConfiguration, "does not take the name"),
    (400, "InvalidURI", InvalidInput, InvalidConfiguration, "does not take the name"),
    (400, "KeyTooLongError", InvalidInput, InvalidConfiguration, "does not take the name"),
    (301, "PermanentRedirect", InvalidInput, InvalidConfiguration, "another region"),
    (400, "AuthorizationHeaderMalformed", InvalidInput, InvalidConfiguration, "another region"),
    (400, "IllegalLocationConstraintException", InvalidInput, InvalidConfiguration, "another region"),
    (301, "301", InvalidInput, InvalidConfiguration, "another region"),
    (403, "InvalidObjectState", ImageAccessDenied, InvalidConfiguration, "a.png"),
    (400, "KMS.DisabledException", ImageAccessDenied, InvalidConfiguration, "key that encrypts"),
    (400, "KMS.KMSInvalidStateException", ImageAccessDenied, InvalidConfiguration, "key that encrypts"),
    (400, "KMS.NotFoundException", ImageAccessDenied, InvalidConfiguration, "key that encrypts"),
    (400, "KMS.AccessDeniedException", ImageAccessDenied, InvalidConfiguration, "key that encrypts"),
    (400, "KMS.IncorrectKeyException", ImageAccessDenied, InvalidConfiguration, "key that encrypts"),
    (400, "KMS.InvalidKeyUsageException", ImageAccessDenied, InvalidConfiguration, "key that encrypts"),
    (400, "KMS.AnythingElse", ImageAccessDenied, InvalidConfiguration, "key that encrypts"),
    (403, "InvalidAccessKeyId", InvalidConfiguration, InvalidConfiguration, "credentials"),
    (403, "SignatureDoesNotMatch", InvalidConfiguration, InvalidConfiguration, "credentials"),
    (400, "InvalidToken", InvalidConfiguration, InvalidConfiguration, "credentials"),
    (403, "AccountProblem", InvalidConfiguration, InvalidConfiguration, "credentials"),
    (403, "NotSignedUp", InvalidConfiguration, InvalidConfiguration, "credentials"),
    (401, "401", InvalidConfiguration, InvalidConfiguration, "credentials"),
    (400, "EntityTooLarge", ImageAccessDenied, InvalidConfiguration, "a.png"),
    (403, "QuotaExceeded", ImageAccessDenied, InvalidConfiguration, "a.png"),
    (501, "NotImplemented", ImageAccessDenied, InvalidConfiguration, "a.png"),
    (405, "MethodNotAllowed", ImageAccessDenied, InvalidConfiguration, "a.png"),
    (400, "AnythingElse", ImageAccessDenied, InvalidConfiguration, "a.png"),
]


@pytest.mark.parametrize(("status", "code"), PASSING)
def test_what_can_pass_by_itself_is_retried(status: int, code: str) -> None:
    for access in ("read", "written"):
        error = storage_error(access, "pictures", "a.png", code, status, "as AWS words it")
        assert type(error) is StorageUnavailable
        words = f"'s3://pictures/a.png' could not be {access}. S3 answered {status} {code}: as AWS words it"
        assert str(error) == words
    # A process that goes on asking has the same credentials: another one has others.
    assert passes(code, status) is (code not in ("ExpiredToken", "TokenRefreshRequired"))


@pytest.mark.parametrize(("status", "code", "reading", "writing", "words"), LASTING)
def test_what_lasts_has_a_name_to_act_on(
    status: int, code: str, reading: Named, writing: Named, words: str
) -> None:
    read = storage_error("read", "pictures", "a.png", code, status, "as AWS words it")
    written = storage_error("written", "pictures", "a.png", code, status, "as AWS words it")
    assert (type(read), type(written)) == (reading, writing)
    assert not read.retried
    assert not written.retried
    assert str(written).startswith("'s3://pictures/a.png' could not be written: ")
    for error in (read, written):
        assert words in str(error)
        assert str(error).endswith(f". S3 answered {status} {code}: as AWS words it")


def test_every_row_of_the_table_is_tested() -> None:
    assert CODES.keys() <= {code for _, code in PASSING} | {code for _, code, *_ in LASTING}
    assert STATUSES.keys() <= {status for status, _ in PASSING} | {status for status, *_ in LASTING}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("status", [418, 599])
def test_the_code_decides_whatever_its_status(code: str, status: int) -> None:
    lasting = {row[1]: row for row in LASTING}
    meaning = meaning_of(code, status)
    if code not in lasting:
        assert (meaning.reading, meaning.writing) == (StorageUnavailable, StorageUnavailable)
        return
    _, _, reading, writing, words = lasting[code]
    assert (meaning.reading, meaning.writing) == (reading, writing)
    assert words in str(storage_error("read", "pictures", "a.png", code, status, ""))


def test_a_whole_bucket_is_named_as_such() -> None:
    error = storage_error("read", "pictures", "", "SlowDown", 503, "")
    assert str(error) == "the bucket pictures could not be read. S3 answered 503 SlowDown: no message"


@pytest.mark.parametrize("status", range(400, 500))
def test_no_other_refusal_is_retried(status: int) -> None:
    passes = status in {408, 429}
    assert meaning_of("AnythingElse", status).reading.retried is passes
    assert meaning_of("AnythingElse", status).writing.retried is passes


def test_names_with_braces_are_only_names() -> None:
    assert "{x}" in str(storage_error("read", "pictures", "{x}", "NoSuchKey", 404, "{y}"))
