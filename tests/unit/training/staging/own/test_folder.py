"""Which files of a folder are pictures of which class, and what is said of the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contracts.written_text import written_lines
from tests.unit.training.staging.own.photos import by_class, found, photo, write_photos, write_zip
from training.staging.example import StagingError
from training.staging.own.archive import ZipFolder
from training.staging.own.folder import FolderSource, statefarm
from training.staging.own.groups import read_group_by, read_rows
from training.staging.own.place import DiskFolder


def test_a_sub_folder_is_a_class_at_any_depth(tmp_path: Path) -> None:
    write_photos(tmp_path, {"cat/1.png": b"a", "dog/deep/er/2": b"b", "Über/3.x": b"c"})
    samples, left_out = found(FolderSource(DiskFolder(tmp_path)))
    assert [(one.name, one.class_name, one.part, one.group, one.read()) for one in samples] == [
        ("cat/1.png", "cat", None, None, b"a"),
        ("dog/deep/er/2", "dog", None, None, b"b"),
        ("Über/3.x", "Über", None, None, b"c"),
    ]
    assert not left_out.counts


@pytest.mark.parametrize("names", [("train", "validation", "test"), ("Training", "val", "testing")])
def test_folders_of_splits_may_lie_above_the_classes(tmp_path: Path, names: tuple[str, ...]) -> None:
    write_photos(tmp_path, {f"{name}/cat/1.png": b"a" for name in names} | {f"{names[2]}/img_1.jpg": b"a"})
    samples, left_out = found(FolderSource(DiskFolder(tmp_path)))
    assert sorted((one.class_name, one.part) for one in samples) == [
        ("cat", "test"),
        ("cat", "train"),
        ("cat", "validation"),
    ]
    assert left_out.counts == {"in no class's folder": 1}


@pytest.mark.parametrize("inner", ["", "train/"])
def test_a_folder_around_all_of_an_archive_is_stepped_into(tmp_path: Path, inner: str) -> None:
    files = {f"photos/of/{inner}cat/1.png": b"a", f"photos/of/{inner}dog/2.png": b"b", "__MACOSX/x": b""}
    files |= {"LICENSE": b"", "photos/of/read me.txt": b""}
    samples, left_out = found(FolderSource(ZipFolder(write_zip(tmp_path / "a.zip", files)), wrapped=True))
    assert left_out.counts == {"in no class's folder": 2, "an operating system's file": 1}
    assert [(one.name, one.class_name, one.part, one.read()) for one in samples] == [
        (f"{inner}cat/1.png", "cat", inner.rstrip("/") or None, b"a"),
        (f"{inner}dog/2.png", "dog", inner.rstrip("/") or None, b"b"),
    ]


def test_classes_may_be_called_as_splits_are(tmp_path: Path) -> None:
    write_photos(tmp_path, {"train/1.png": b"a", "bus/2.png": b"a", "test/deep/3.png": b"a"})
    samples, _ = found(FolderSource(DiskFolder(tmp_path)))
    assert {(one.class_name, one.part) for one in samples} == {("train", None), ("bus", None), ("test", None)}


def test_what_is_no_picture_is_said_and_one_bad_name_refuses_nothing(tmp_path: Path) -> None:
    write_photos(
        tmp_path,
        {
            "cat/1.png": b"a",
            "cat/.DS_Store": b"",
            ".git/cat/1.png": b"",
            "cat/Thumbs.db": b"",
            "__MACOSX/cat/1.png": b"",
            "README": b"",
        },
    )
    (tmp_path / "cat" / "link.png").symlink_to("/etc/passwd")
    (tmp_path / "dog").symlink_to(tmp_path / "cat")
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    Path(os.fsdecode(os.fsencode(tmp_path / "cat") + b"/\xff.png")).write_bytes(b"")
    samples, left_out = found(FolderSource(DiskFolder(tmp_path)))
    assert [one.name for one in samples] == ["cat/1.png", "cat/pipe.png"]
    with pytest.raises(Exception, match="no regular file"):
        samples[1].read()
    assert left_out.counts == {
        "hidden": 2,
        "an operating system's file": 2,
        "in no class's folder": 1,
        "a link": 2,
        "a name that is not UTF-8": 1,
    }
    assert left_out.examples["a name that is not UTF-8"] == "cat/\\udcff.png"


def test_a_name_that_leaves_the_folder_by_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_photos(tmp_path, {"secret": b"x", "in/own": b"y"})
    (tmp_path / "in" / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "same").symlink_to(tmp_path / "in" / "own")
    inside = DiskFolder(tmp_path / "in")
    assert inside.read("same") == b"y"
    with pytest.raises(Exception, match="leaves the folder"):
        inside.read("out")


@pytest.mark.parametrize(
    ("rule", "groups"),
    [
        ("part:2", {"p1", "p2"}),
        ("part:-2", {"p1", "p2"}),
        (r"match:/(p\d)/", {"p1", "p2"}),
        (r"match:(p1)?", {"p1"}),
        ("part:9", set()),
    ],
)
def test_a_part_of_the_path_is_the_group(tmp_path: Path, rule: str, groups: set[str]) -> None:
    write_photos(tmp_path, {f"cat/p{n}/{m}.png": b"" for n in (1, 2) for m in (1, 2)})
    samples, left_out = found(FolderSource(DiskFolder(tmp_path), read_group_by(rule)))
    assert {one.group for one in samples} <= groups
    assert len(samples) + left_out.counts.get("without a group", 0) == 4


@pytest.mark.parametrize("rule", ["part:0", "part:x", "match:(", "match:abc"])
def test_a_rule_that_names_no_group_is_refused(rule: str) -> None:
    with pytest.raises(StagingError, match=r"--group-by"):
        read_group_by(rule)


def test_a_csv_tells_groups_by_path_or_file_name(tmp_path: Path) -> None:
    write_photos(tmp_path, {"cat/1.png": b"", "cat/2.png": b"", "dog/2.png": b"", "dog/4.png": b""})
    text = "who,img\np1,1.png\np2,cat\\2.png\np3,dog/2.png\n"
    rows = read_rows(written_lines([text.encode()], "g.csv"), "g.csv", "who")
    samples, left_out = found(FolderSource(DiskFolder(tmp_path), read_group_by("who"), rows))
    assert [(one.name, one.group) for one in samples] == [
        ("cat/1.png", "p1"),
        ("cat/2.png", "p2"),
        ("dog/2.png", "p3"),
    ]
    assert left_out.examples == {"without a group": "dog/4.png"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("img,who\na,b,c\n", "g.csv, line 2: 3 fields, the first line has 2"),
        ("img,who\n/etc/passwd,p1\n", "line 2: the path '/etc/passwd' is absolute"),
        ("img,whom\n", "has the columns img, whom, not who and one of img"),
        ("", "has the columns none"),
    ],
)
def test_a_csv_that_does_not_tell_is_an_error_with_the_line(text: str, words: str) -> None:
    with pytest.raises(StagingError, match=words):
        read_rows(written_lines([text.encode()], "g.csv"), "g.csv", "who")


@pytest.mark.parametrize("below", ["", "state-farm/"])
@pytest.mark.parametrize("packed", [True, False])
def test_state_farms_pictures_are_grouped_by_subject(tmp_path: Path, packed: bool, below: str) -> None:
    files = {
        f"{below}driver_imgs_list.csv": b"subject,classname,img\np002,c0,img_1.jpg\np012,c1,img_2.jpg\n",
        f"{below}imgs/train/c0/img_1.jpg": photo(1),
        f"{below}imgs/train/c1/img_2.jpg": photo(2),
        f"{below}imgs/test/img_3.jpg": photo(3),
        f"{below}sample_submission.csv": b"img,c0\n",
    }
    root = write_photos(tmp_path / "folder", files)
    source = statefarm(ZipFolder(write_zip(tmp_path / "a.zip", files)) if packed else DiskFolder(root))
    samples, left_out = found(source)
    assert [(one.name, one.class_name, one.group, one.read()) for one in samples] == [
        ("c0/img_1.jpg", "c0", "p002", photo(1)),
        ("c1/img_2.jpg", "c1", "p012", photo(2)),
    ]
    assert left_out.counts == {f"outside {below}imgs/train/": 2}


def test_what_is_not_state_farms_is_refused(tmp_path: Path) -> None:
    write_photos(tmp_path, by_class(each=1))
    with pytest.raises(StagingError, match=r"There is no driver_imgs_list\.csv"):
        statefarm(DiskFolder(tmp_path))
