"""golden.json: what is written is read, and what is wrong is told in one message."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from contracts.artifact import golden
from contracts.artifact.archive import ArtifactError, pack
from contracts.artifact.golden import golden_members
from contracts.artifact.reader import read_golden
from tests.artifacts import CLASSES
from tests.unit.contracts.artifact.archives import GOLDEN, GOLDEN_PICTURES, SOUND

ENTRY = {"file": "golden/00.png", "class": "bicycle", "probabilities": [0.75, 0.25]}


def read(contents: dict[str, bytes]) -> tuple[golden.GoldenPicture, ...]:
    card, pictures, sha256 = read_golden(io.BytesIO(pack({**SOUND, **contents})), "s3://b/model.tar.gz")
    assert (card.classes, len(sha256)) == (CLASSES, 64)
    return pictures


def of(*entries: Any, version: Any = 1) -> dict[str, bytes]:
    document = {"schema_version": version, "pictures": list(entries)}
    return {**GOLDEN, "golden.json": json.dumps(document).encode()}


def test_what_is_written_is_read() -> None:
    assert read(GOLDEN) == GOLDEN_PICTURES


def test_an_artifact_may_have_none() -> None:
    assert read({}) == read(golden_members([])) == ()


def test_entries_of_a_later_version_are_passed_over() -> None:
    assert read(of({**ENTRY, "licence": "CC0"}))[0] == GOLDEN_PICTURES[0]


@pytest.mark.parametrize(
    ("contents", "complaint"),
    [
        ({"golden.json": b"text"}, "it is not JSON"),
        ({"golden.json": b"[" * 100_000}, "it is not JSON"),
        ({"golden.json": b"[]"}, "schema_version is None, 1 is read"),
        (of(ENTRY, version=2), "schema_version is 2, 1 is read"),
        (of(ENTRY, version=True), "schema_version is True, 1 is read"),
        (of(), r"pictures is \[\], not a list of 1 to 16"),
        (of(*[ENTRY] * 17), "not a list of 1 to 16"),
        (of(7), r"pictures\[0\]\.file is None.*; pictures\[0\]\.class is None.*; pictures\[0\]\.prob"),
        (of({**ENTRY, "file": ["golden/00.png"]}), r"file is \['golden/00\.png'\], not golden/00\.png"),
        (of({**ENTRY, "file": "../00.png"}), r"file is '\.\./00\.png', not"),
        (of({**ENTRY, "file": "golden/02.png"}), r"golden/02\.png, which the archive does not hold"),
        (of({**ENTRY, "class": "car"}), "class is 'car', which is no class of the model"),
        (of({**ENTRY, "class": {}}), r"class is \{\}, which is no class"),
        (of({**ENTRY, "probabilities": [1.0]}), r"probabilities is \[1\.0\], not 2 numbers that sum to 1"),
        (of({**ENTRY, "probabilities": [0.5, 0.6]}), "not 2 numbers that sum to 1"),
        (of({**ENTRY, "probabilities": [float("nan"), 1]}), "not 2 numbers that sum to 1"),
        (of({**ENTRY, "probabilities": {"a": 1}}), "not 2 numbers that sum to 1"),
        (of(ENTRY, ENTRY), "names a file more than once"),
    ],
)
def test_a_wrong_one_is_refused_by_name(contents: dict[str, bytes], complaint: str) -> None:
    with pytest.raises(ArtifactError, match=complaint) as error:
        read(contents)
    assert str(error.value).startswith("golden.json of s3://b/model.tar.gz cannot be used: ")
    assert str(error.value).endswith("train the model again")


def test_pictures_that_are_too_large_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golden, "MAXIMUM_GOLDEN_BYTES", 15)
    with pytest.raises(ArtifactError, match="its pictures have 16 bytes, the limit is 15"):
        read(GOLDEN)
