"""The artifact's archive: the same bytes for the same content, every layout that tar makes, no other."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tracemalloc

import pytest

from contracts.artifact import archive
from contracts.artifact.archive import ArtifactError, pack, unpack
from tests.unit.contracts.artifact.archives import ACCEPTED, NETWORK, REFUSED_ARCHIVES, SOUND


def refusal(content: bytes) -> str:
    with pytest.raises(ArtifactError) as error:
        unpack(io.BytesIO(content), "model.tar.gz")
    return str(error.value)


def test_what_is_packed_is_always_the_same_bytes() -> None:
    content = pack(SOUND)
    assert content == pack(dict(reversed(SOUND.items())))
    assert content[4:8] == bytes(4), "gzip's time"
    with tarfile.open(fileobj=io.BytesIO(content)) as packed:
        assert packed.getnames() == ["model.json", "model.onnx"]
        assert {(member.mtime, member.uid, member.mode) for member in packed} == {(0, 0, 0o644)}


@pytest.mark.parametrize("layout", ACCEPTED)
def test_an_archive_is_unpacked_and_its_digest_is_that_of_all_its_bytes(layout: str) -> None:
    content = ACCEPTED[layout]()
    unpacked = unpack(io.BytesIO(content), "model.tar.gz")
    assert set(unpacked.contents) == set(SOUND)
    assert unpacked.contents["model.onnx"] == NETWORK
    assert unpacked.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("fault", REFUSED_ARCHIVES)
def test_an_unsound_archive_is_refused_by_name(fault: str) -> None:
    make, complaint = REFUSED_ARCHIVES[fault]
    with pytest.raises(ArtifactError, match=complaint) as error:
        unpack(io.BytesIO(make()), "model.tar.gz")
    assert str(error.value).startswith("model.tar.gz ")
    assert str(error.value).endswith("train or copy it again")


def test_a_truncated_archive_is_refused_wherever_it_is_cut() -> None:
    whole = pack(SOUND)
    for length in range(0, len(whole), 101):
        assert "no complete .tar.gz" in refusal(whole[:length])


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAXIMUM_BYTES", 20_000)
    small = {**SOUND, "model.onnx": bytes(5_000)}
    unpack(io.BytesIO(pack(small)), "model.tar.gz")
    plain = {**small, **{f"x{number}": bytes(3_000) for number in range(6)}}
    monkeypatch.setattr(archive, "MAXIMUM_BYTES", 200_000)
    bomb = pack(plain)
    monkeypatch.setattr(archive, "MAXIMUM_BYTES", 20_000)
    assert "more than 20,000 bytes, which is the limit" in refusal(bomb)


@pytest.mark.parametrize(
    ("limit", "problem"),
    [
        ("MAXIMUM_BYTES", "unpacks to more than 1,000 bytes"),
        ("MAXIMUM_CARD_BYTES", "its model.json has 1,001 bytes, the limit is 1,000"),
        ("MAXIMUM_GOLDEN_BYTES", "its golden.json has 1,001 bytes, the limit is 1,000"),
    ],
)
def test_what_nobody_would_read_is_not_packed(
    monkeypatch: pytest.MonkeyPatch, limit: str, problem: str
) -> None:
    monkeypatch.setattr(archive, limit, 1_000)
    with pytest.raises(ArtifactError, match=problem):
        pack({**SOUND, "model.json": bytes(1_001), "golden.json": bytes(1_001)})


def test_a_member_that_is_not_kept_takes_no_memory() -> None:
    size = 20 * 1024**2
    content = pack({**SOUND, "model.onnx": os.urandom(size)})
    tracemalloc.start()
    try:
        unpacked = unpack(io.BytesIO(content), "model.tar.gz", keep=("model.json",))
        assert set(unpacked.contents) == {"model.json"}
        assert tracemalloc.get_traced_memory()[1] < size / 4
    finally:
        tracemalloc.stop()
