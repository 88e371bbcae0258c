"""CIFAR-100's archive: pictures and labels out of a good one, one clear error for each bad one."""

from __future__ import annotations

import gzip
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.training.staging.cifar.archives import FOLDER, batch, members, meta, write_archive
from training.staging.cifar import archive as cifar_archive
from training.staging.cifar.pictures import read_cifar
from training.staging.example import StagingError, silent

CLASSES = ("motorcycle", "bicycle")


def test_pictures_are_labelled_by_fine_label_in_the_order_asked_for(tmp_path: Path) -> None:
    examples = read_cifar(write_archive(tmp_path / "a.tar.gz", members()), CLASSES, silent)
    published = batch("train", 20)
    fine = np.array(published[b"fine_labels"])
    for label, number in enumerate((3, 1)):  # where meta lists motorcycle and bicycle
        expected = published[b"data"][fine == number].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        found = [example.pixels for example in examples.train if example.label == label]
        assert (np.stack(found) == expected).all()
    assert len(examples.train) == len(examples.test) == 40


def test_a_class_that_the_archive_lacks_names_the_nearest(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "a.tar.gz", members())
    with pytest.raises(StagingError, match=r"'bicycel' \(did you mean bicycle\?\).*--list-classes"):
        read_cifar(archive, ("bicycel", "bus"), silent)


def refused(archive: Path, reason: str) -> None:
    """Assert that reading fails with the reason and the archive's path, and with no other exception."""
    with pytest.raises(StagingError, match=reason) as caught:
        read_cifar(archive, CLASSES, silent)
    assert str(archive) in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_archive(tmp_path: Path, share: float) -> None:
    archive = write_archive(tmp_path / "a.tar.gz", members())
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])
    refused(archive, "truncated|damaged")


def test_an_archive_with_flipped_bits(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "a.tar.gz", members())
    whole = bytearray(archive.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 40] = b"\xff" * 40
    archive.write_bytes(whole)
    refused(archive, "damaged or not a gzip file .CRC")


def test_what_is_no_archive(tmp_path: Path) -> None:
    file = tmp_path / "a.tar.gz"
    refused(file, "No such file")
    file.write_text("hello")
    refused(file, "not a gzip file")
    file.write_bytes(gzip.compress(b"hello" * 1000))
    refused(file, "damaged or not a tar")
    file.unlink()
    file.mkdir()
    refused(file, "directory")


@pytest.mark.parametrize("name", ["../evil", f"{FOLDER}/../../evil", "/etc/evil", f"{FOLDER}/train/../test"])
def test_a_member_that_leads_outside(tmp_path: Path, name: str) -> None:
    refused(write_archive(tmp_path / "a.tar.gz", {name: b"x", **members()}), "leads outside")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def test_missing_and_repeated_members(tmp_path: Path) -> None:
    partly = {name: data for name, data in members().items() if not name.endswith("test")}
    refused(write_archive(tmp_path / "a.tar.gz", partly), f"has no {FOLDER}/test")
    twice = {f"{FOLDER}//meta": b"x", **members()}
    refused(write_archive(tmp_path / "b.tar.gz", twice), "twice")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_a_link_in_place_of_a_member(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(f"{FOLDER}/meta")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    refused(path, "is not a file")


def test_an_archive_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = write_archive(tmp_path / "a.tar.gz", {"padding": bytes(9 << 20), **members()})
    monkeypatch.setattr(cifar_archive, "UNPACKED_LIMIT", 8 << 20)
    refused(bomb, "more than 8 MiB")
    monkeypatch.setitem(cifar_archive.MEMBERS, "test", 1000)
    refused(write_archive(tmp_path / "b.tar.gz", members()), "more than 1,000")


def test_a_header_that_claims_to_be_huge_fills_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 34
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(2 << 20)))
    monkeypatch.setattr(cifar_archive, "UNPACKED_LIMIT", 1 << 20)
    refused(path, "more than 1 MiB")


class Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch hostile",)


BAD_BATCHES: dict[str, tuple[Callable[[dict[bytes, Any]], Any], str]] = {
    "calls": (lambda b: b | {b"data": Hostile()}, "refers to posix.system"),
    "list": (lambda _: [1, 2], "not a dictionary"),
    "no data": (lambda b: {k: v for k, v in b.items() if k != b"data"}, "array was expected"),
    "floats": (lambda b: b | {b"data": b[b"data"].astype("f4")}, "array of uint8"),
    "narrow": (lambda b: b | {b"data": b[b"data"][:, :3000].copy()}, "rows of 3072"),
    "few labels": (lambda b: b | {b"fine_labels": [1]}, "100 pictures, 100 names and 1 labels"),
    "text labels": (lambda b: b | {b"fine_labels": [b"1"] * 100}, "whole numbers"),
    "no names": (lambda b: b | {b"filenames": None}, "list of names"),
}


@pytest.mark.parametrize("case", BAD_BATCHES)
def test_a_batch_that_is_not_as_published(tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    change, reason = BAD_BATCHES[case]
    pickled = pickle.dumps(change(batch("train", 20)), protocol=2)
    archive = write_archive(tmp_path / "a.tar.gz", {**members(), f"{FOLDER}/train": pickled})
    refused(archive, reason)
    assert not Path("hostile").exists()


def test_batches_pickled_by_a_later_python(tmp_path: Path) -> None:
    contents = {
        f"{FOLDER}/meta": pickle.dumps(
            {"fine_label_names": [n.decode() for n in meta()[b"fine_label_names"]]}
        ),
        f"{FOLDER}/test": pickle.dumps(batch("test", 20), protocol=5),
        f"{FOLDER}/train": pickle.dumps(batch("train", 20), protocol=2),
    }
    later = read_cifar(write_archive(tmp_path / "a.tar.gz", contents), CLASSES, silent)
    published = read_cifar(write_archive(tmp_path / "b.tar.gz", members()), CLASSES, silent)
    assert [e.content for e in later.train] == [e.content for e in published.train]
    assert [e.content for e in later.test] == [e.content for e in published.test]
