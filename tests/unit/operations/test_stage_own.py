"""`scones stage` for one's own pictures: what is said, and what is refused with exit code 2."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest

from tests.unit.operations.conftest import Scones, put
from tests.unit.training.staging.own.photos import by_class, photo, write_photos, write_zip
from training.data import SPLITS
from training.listing import list_images


def test_a_folder_is_staged_and_what_is_left_out_is_said(run_scones: Scones, tmp_path: Path) -> None:
    write_photos(tmp_path / "pets", by_class() | {"cat/.DS_Store": b"", "dog/notes.txt": b"hello"})
    code, out, err = run_scones("stage", "folder", "pets", "--names", 'cat=a cat, at home,dog="a dog"')
    assert (code, err) == (0, "")
    assert out.startswith("cat\t9\t1\t2\ndog\t9\t1\t2\n")
    assert "left out: 1 hidden, such as cat/.DS_Store" in out
    assert "left out: 1 neither PNG nor JPEG nor WebP, such as dog/notes.txt (text" in out
    assert (tmp_path / "build/dataset/pets/manifest.json").exists()
    code, out, _ = run_scones(
        "stage", "folder", "pets", "--json", "--out", "x", "--size", "16X12", "--seed", "3"
    )
    told = json.loads(out)
    assert (code, told["image"], told.get("names")) == (
        0,
        {"width": 16, "height": 12},
        None,
    )


def test_every_kind_of_source_is_staged_from_disk(run_scones: Scones, tmp_path: Path) -> None:
    files = by_class()
    write_photos(tmp_path / "pets", files)
    write_zip(tmp_path / "pets.zip", files)
    rows = [f"{n}\t{int(name.startswith('dog'))}\t{name}\r\n" for n, name in enumerate(files)]
    (tmp_path / "pets" / "all.lst").write_text("".join(rows), encoding="utf-16")
    (tmp_path / "all.csv").write_text("path;class\n" + "".join(f"{n};{n.partition('/')[0]}\n" for n in files))
    counts = {"train": 9, "validation": 1, "test": 2}
    for number, argv in enumerate(
        (
            ["folder", "pets.zip"],
            ["list", "pets/all.lst", "--classes", "cat,dog"],
            ["manifest", "all.csv", "--root", "pets"],
        )
    ):
        code, out, err = run_scones("stage", *argv, "--json", "--out", str(number))
        assert (code, err) == (0, "")
        assert json.loads(out)["counts"] == {part: {"cat": n, "dog": n} for part, n in counts.items()}


@pytest.mark.usefixtures("aws")
def test_pictures_in_s3_are_staged_as_those_on_disk(run_scones: Scones, tmp_path: Path) -> None:
    files = by_class() | {"cat/../../x/1.png": photo(77), "cat/.DS_Store": b""}
    put({f"in/{name}": content for name, content in files.items()})
    listed = "".join(f"{n}\t{int(name.startswith('dog'))}\t{name}\n" for n, name in enumerate(by_class()))
    lines = [json.dumps({"source-ref": f"s3://bucket/in/{name}", "pet": name[:3]}) for name in by_class()]
    lines.append(json.dumps({"source-ref": "s3://bucket/in/none.png", "pet": "cat"}))
    put({"in/all.lst": listed.encode(), "lists/m.manifest": "\n".join(lines).encode()})
    for number, argv in enumerate(
        (
            ["folder", "s3://bucket/in"],
            ["list", "s3://bucket/in/all.lst"],
            ["manifest", "s3://bucket/lists/m.manifest"],
        )
    ):
        code, out, err = run_scones("stage", *argv, "--json", "--out", f"{number}/data")
        assert (code, err) == (0, "")
        told = json.loads(out)
        assert sum(sum(counts.values()) for counts in told["counts"].values()) == 24
        assert (
            told["left_out"]
            == (
                {"hidden": 2, "in no class's folder": 1},
                {},
                {"named, but not there": 1},
            )[number]
        )
        assert sorted(path.name for path in tmp_path.iterdir()) == [str(n) for n in range(number + 1)]


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["folder"], "Name the pictures: scones stage folder PATH"),
        (["folder", "none"], "There is no folder none"),
        (["folder", "bad.zip"], "is refused: the path '../x' leaves"),
        (["folder", "here", "--groups", "g.csv"], "needs --group-by COLUMN"),
        (["folder", "here", "--group-by", "subject"], "a folder has no columns. Take part:N or match:REGEX"),
        (["folder", "here", "--label-at", "2"], "--label-at is for list and recordio, not"),
        (["folder", "here", "--validation", "x"], "--validation is for list and manifest and recordio, not"),
        (["list", "one.lst", "--test", "none.lst"], "There is no file none.lst"),
        (["drawn", "--test", "x.lst"], "--test: this is for your own pictures"),
        (["folder", "here", "--root", "x"], "--root is for list and manifest, not for folder"),
        (["folder", "here", "--size", "224"], "--size '224' is not WIDTHxHEIGHT, such as 224x224"),
        (["folder", "here", "--names", "cat"], """'cat' is not CLASS="words for people\""""),
        (["folder", "here", "--names", "a=b,a=c"], "'a=c' is given twice"),
        (["folder", "here", "--images", "30"], "--images is for drawn and drivers, not for folder"),
        (
            ["folder", "here"],
            "There is no labelled picture in here. A folder has a sub-folder for each class",
        ),
        (
            ["folder", "one.lst"],
            "one.lst is a file, neither a folder nor a zip archive. Take scones stage",
        ),
        (["folder", "around"], "All pictures of around are of one class, 'photos'; a model tells several"),
        (["folder", "pets.tar.gz"], "pets.tar.gz is a file, neither a folder nor a zip archive. Unpack it"),
        (["statefarm", "s3://bucket/x.zip"], "a zip archive is read from disk, not from S3. Copy it here"),
        (["list", "here"], "There is no file here. It is a folder: scones stage folder here."),
        (["list", "none.lst"], "There is no file none.lst"),
        (["list", "one.lst"], "are of one class, '0'; a model tells several apart.\n"),
        (["list", "cp1252.lst"], "cp1252.lst, line 1: byte 6 is not UTF-8; as CP1252"),
        (["statefarm", "here"], "There is no driver_imgs_list.csv in here"),
        (["drawn", "--test-share", "0.3"], "--test-share: this is for your own pictures"),
        (["drawn", "pets"], "PATH: this is for your own pictures"),
    ],
)
def test_what_cannot_be_done_exits_2_with_the_reason_and_leaves_nothing(
    run_scones: Scones, tmp_path: Path, argv: list[str], reason: str
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "cp1252.lst").write_bytes("0\t0\tTür.jpg\n".encode("cp1252"))
    write_zip(tmp_path / "bad.zip", {"../x": b""})
    write_photos(tmp_path, by_class(each=1, below="around/photos/"))
    write_photos(tmp_path, {"one.lst": b"0\t0\ta.png\n", "pets.tar.gz": b"\x1f\x8b"})
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run_scones("stage", *argv)
    assert (code, out) == (2, "")
    assert reason in err
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("packed", [True, False])
def test_no_subject_of_state_farm_is_in_two_splits(run_scones: Scones, tmp_path: Path, packed: bool) -> None:
    """As published: folders of classes, a list of who drove, pictures for testing without labels."""
    who = {f"c{n % 10}/img_{n}.jpg": f"p{n % 13:03}" for n in range(390)}
    rows = [f"{subject},{name[:2]},{name[3:]}\n" for name, subject in who.items()]
    files = {f"imgs/train/{name}": photo(n, "JPEG") for n, name in enumerate(who)}
    test = {f"imgs/test/img_{n}.jpg": photo(n, "JPEG") for n in range(500, 504)}
    listed = {"driver_imgs_list.csv": "".join(["subject,classname,img\n", *rows]).encode()}
    everything = files | test | listed | {"sample_submission.csv": b"img,c0\n"}
    path = tmp_path / "state-farm"
    if packed:
        path = write_zip(tmp_path / "state-farm", everything)  # a zip, whatever it is called
    else:
        write_photos(path, everything)
    code, out, err = run_scones("stage", "statefarm", "state-farm", "--out", "x", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    subject_of = {content: who[name.removeprefix("imgs/train/")] for name, content in files.items()}
    subjects = [
        {subject_of[image.read()] for image in list_images(tmp_path / "x", part, 10)} for part in SPLITS
    ]
    assert [len(one) for one in subjects] == list(told["groups"].values())
    assert sum(map(len, subjects)) == len(set.union(*subjects)) == 13
    assert sum(sum(counts.values()) for counts in told["counts"].values()) == 390
    assert told["left_out"] == {"outside imgs/train/": 5}


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["list", "long.lst"], "long.lst has more than 1,000 lines. Cut it into several files."),
        (["manifest", "long.csv"], "long.csv has more than 1,000 lines. Cut it into several files."),
        (["list", "name.lst"], "line 2: the path 'äää"),
        (["folder", "ratio.zip"], "20 times the archive's"),
        (["folder", "many.zip"], "many.zip has more than 10 files. Stage parts of it."),
        (["folder", "link.zip"], "link.png is a link; archives of pictures have none"),
        (["folder", "name.zip"], "at most 1,024 are possible"),
    ],
)
def test_what_is_meant_to_harm_is_refused_and_leaves_nothing(
    run_scones: Scones, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], reason: str
) -> None:
    """With smaller limits than those of the product, which are 2,000,000 lines and 100 MB."""
    monkeypatch.setattr("contracts.written_text.MAX_LINES", 1_000)
    monkeypatch.setattr("training.staging.own.archive._RATIO_FROM", 100_000)
    pets = by_class()
    write_photos(tmp_path, pets)
    names = list(pets)
    write_photos(
        tmp_path,
        {
            "long.lst": "".join(f"{n}\t0\t{names[n % 24]}\n" for n in range(2_000)).encode(),
            "long.csv": "".join(f"{names[n % 24]},cat\n" for n in range(2_000)).encode(),
            "name.lst": f"0\t0\t{names[0]}\n1\t0\t{'ä' * 2_000}\n".encode(),
        },
    )
    write_zip(tmp_path / "ratio.zip", pets | {"cat/zeros.png": bytes(1_000_000)})
    write_zip(tmp_path / "name.zip", pets | {"cat/" + "x" * 4_000: b""})
    write_zip(tmp_path / "many.zip", {f"cat/{n}.png": b"" for n in range(40)})
    link = zipfile.ZipInfo("cat/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as written:
        written.writestr(link, "/etc/passwd")
    if argv[1] == "many.zip":
        monkeypatch.setattr("training.staging.own.archive.MAX_FILES", 10)
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run_scones("stage", *argv)
    assert (code, out) == (2, "")
    assert reason in err
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before
