"""Archives that nobody honest writes are refused as a whole, before anything of them is used."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from tests.unit.training.staging.own.photos import by_class, found, write_zip
from training.staging.example import StagingError
from training.staging.own import archive
from training.staging.own.archive import ZipFolder
from training.staging.own.folder import FolderSource
from training.staging.sample import Unread


def test_a_zip_is_read_like_a_folder(tmp_path: Path) -> None:
    files = by_class(each=2) | {"__MACOSX/cat/._0.png": b"", "notes.txt": b""}
    samples, left_out = found(FolderSource(ZipFolder(write_zip(tmp_path / "pets.zip", files))))
    assert {one.name: one.read() for one in samples} == by_class(each=2)
    assert left_out.counts == {"an operating system's file": 1, "in no class's folder": 1}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../evil.png", "leaves the pictures' folder"),
        ("cat/../../evil.png", "leaves the pictures' folder"),
        ("/etc/evil.png", "is absolute"),
        ("C:\\evil.png", "is absolute"),
        ("cat\\..\\..\\evil.png", "leaves the pictures' folder"),
        ("cat/" + "x" * 4_000, "at most 1,024"),
    ],
)
def test_paths_that_leave_the_archive_are_refused(tmp_path: Path, name: str, words: str) -> None:
    path = write_zip(tmp_path / "a.zip", by_class(each=1) | {name: b"x"})
    with pytest.raises(StagingError, match=f"is refused: .*{words}"):
        ZipFolder(path)
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


def test_links_encryption_and_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = zipfile.ZipInfo("cat/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as written:
        written.writestr(link, "/etc/passwd")
    with pytest.raises(StagingError, match=r"cat/link\.png is a link"):
        ZipFolder(path)

    content = bytearray(write_zip(path, {"a.png": b"x"}).read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(StagingError, match=r"a\.png is encrypted; unpack it"):
        ZipFolder(path)

    monkeypatch.setattr(archive, "_RATIO_FROM", 1_000_000)
    with pytest.raises(StagingError, match="more than 20 times the archive's"):
        ZipFolder(write_zip(path, {f"cat/{n}.png": bytes(500_000) for n in range(3)}))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all" * 100])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(StagingError, match="is no zip archive"):
        ZipFolder(tmp_path / "a.zip")


def test_a_directory_of_millions_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "a.zip", {f"{n}.png": b"" for n in range(40)})
    monkeypatch.setattr(archive, "MAX_FILES", 10)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(StagingError, match="more than 10 files"):
        ZipFolder(path)


def test_a_damaged_member_costs_itself_only(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", by_class(each=2))
    content = bytearray(path.read_bytes())
    content[content.index(b"cat/0.png") + 60] ^= 0xFF
    path.write_bytes(content)
    place = ZipFolder(path)
    with pytest.raises(Unread, match="damaged in the archive"):
        place.read("cat/0.png")
    assert place.read("cat/1.png") == by_class()["cat/1.png"]
    with pytest.raises(FileNotFoundError):
        place.read("cat/9.png")
