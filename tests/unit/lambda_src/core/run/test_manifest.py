"""Every line of a manifest is an image or says why not, whatever its bytes are."""

from __future__ import annotations

import codecs
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambda_src.core.location import bucket_problem, key_problem
from lambda_src.core.run.manifest import MAX_LINE_BYTES, ListedImage, RejectedLine, manifest_entries


def entries(*chunks: bytes) -> list[ListedImage | RejectedLine]:
    return list(manifest_entries(chunks, "data-bucket"))


def test_forms_of_a_line() -> None:
    manifest = (
        b'\xef\xbb\xbf{"s3_key": "a.png"}\r\n'
        b"\n  \t\r\n"
        b'"b c.png"\n'
        b'{"s3_bucket": "other", "s3_key": "\\u00e9.png", "error": "ModelFailed", "n": 3}\n'
        b'{"s3_key": "a.png"}'
    )
    assert entries(manifest) == [
        ("data-bucket", "a.png"),
        ("data-bucket", "b c.png"),
        ("other", "é.png"),
        ("data-bucket", "a.png"),
    ]


PEOPLES_LINES = [
    ("odd/A.PNG", ("data-bucket", "odd/A.PNG")),
    ("  two words.png \r", ("data-bucket", "two words.png")),
    ("7", ("data-bucket", "7")),
    ("s3://My.bucket-1/a b.png".replace("My", "my"), ("my.bucket-1", "a b.png")),
    ('"S3://my-bucket/é.png"', ("my-bucket", "é.png")),
    ('{"s3_key": "s3://my-bucket/a.png"}', ("my-bucket", "a.png")),
    ('{"source-ref": "s3://my-bucket/odd/A.PNG", "class": 0}', ("my-bucket", "odd/A.PNG")),
    ('{"source-ref": "s3://my-bucket/x", "s3_key": "b.png"}', ("data-bucket", "b.png")),
]


@pytest.mark.parametrize(("line", "image"), PEOPLES_LINES)
def test_lines_as_people_have_them(line: str, image: tuple[str, str]) -> None:
    assert entries(line.encode()) == [image]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_encodings_of_a_manifest(encoding: str, size: int) -> None:
    text = "\r\n".join(line for line, _ in PEOPLES_LINES).encode(encoding)
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    assert entries(*chunks) == [image for _, image in PEOPLES_LINES]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"a\tb.png", "line 2 holds control characters, which only JSON can name: 'a\\tb.png'"),
        (b"\xff\xd8\xff\xe0", "line 2 is not UTF-8 (invalid start byte at byte 0)"),
        (
            b'{"s3_key": "s3://a-bucket/k", "s3_bucket": "b-bucket"}',
            "s3_key names the bucket 'a-bucket', s3_bucket",
        ),
        (b'{"source-ref": 7}', "s3_key must be a string, not 7"),
        (b"s3://No_Bucket/a.png", "s3_bucket 'No_Bucket' is no bucket name"),
        (b"s3://a-bucket", "s3_key is empty"),
        (b'{"s3_key": "a.png"', "line 2 is not JSON"),
        (b'{"s3_key": "a.png"},', "line 2 is not JSON"),
        (b'{"s3_key": "\xff.png"}', "line 2 is not UTF-8 (invalid start byte at byte 12)"),
        (b"[" * 60_000, "line 2 is not JSON"),
        (b"null", "not null"),
        (b'["a.png"]', "not an array of 1"),
        (b"{}", "line 2 has no s3_key"),
        (b'{"S3_key": "a.png"}', "line 2 has no s3_key"),
        (b'{"s3_key": null}', "s3_key must be a string, not null"),
        (b'""', "s3_key is empty"),
        (b'{"s3_key": "' + b"k" * 1025 + b'"}', "1,025 bytes"),
        (b'{"s3_key": "\\ud800"}', "surrogate"),
        (b'{"s3_key": "a", "s3_bucket": "No_Bucket"}', "s3_bucket 'No_Bucket' is no bucket name"),
        (b'{"s3_key": "a", "s3_bucket": null}', "s3_bucket must be a string"),
        (b'"' + b"k" * MAX_LINE_BYTES, f"line 2 is longer than {MAX_LINE_BYTES:,} bytes"),
    ],
)
def test_lines_that_name_no_image(line: bytes, words: str) -> None:
    first, rejected, last = entries(b'"before"\n', line, b'\n"after"\n')
    assert (first, last) == (("data-bucket", "before"), ("data-bucket", "after"))
    assert isinstance(rejected, RejectedLine)
    assert rejected.line == 2
    assert words in rejected.cause
    assert len(json.dumps(rejected)) < 2_000


@given(st.lists(st.binary(max_size=30) | st.sampled_from([b'"k"', b'{"s3_key": "k"}', b'{"s3_key": 1}'])))
def test_every_line_is_one_entry_and_numbered(lines: list[bytes]) -> None:
    lines = [line.replace(b"\n", b"") for line in lines]
    text = b"\n".join(lines)
    assume(b"\0" not in text[:2] and not text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)))
    found = entries(text)
    blank = [
        not line.removeprefix(b"\xef\xbb\xbf" if i == 0 else b"").strip() for i, line in enumerate(lines)
    ]
    assert len(found) == blank.count(False)
    numbers = [index + 1 for index, empty in enumerate(blank) if not empty]
    for number, entry in zip(numbers, found, strict=True):
        if isinstance(entry, RejectedLine):
            assert entry.line == number
            json.dumps(entry).encode()
        else:
            assert not bucket_problem(entry.s3_bucket)
            assert not key_problem(entry.s3_key)
