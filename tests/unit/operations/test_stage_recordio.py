"""`scones stage recordio` and `--format recordio`: from disk and S3, with and without index and list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from operations.aws.errors import OperationError
from operations.aws.s3_location import S3Location
from operations.staging.s3_pack import S3Pack
from tests.unit.operations.conftest import Scones, put
from tests.unit.operations.deployed import client
from tests.unit.pictures.recordio_reader import read_images
from tests.unit.serving.packs import image_record
from tests.unit.training.staging.own.photos import by_class, photo, write_photos
from training.data import SPLITS, load_images
from training.listing import list_images


def packed() -> tuple[bytes, bytes, bytes]:
    """The .rec of the photos, its .idx, its .lst."""
    pack, index, rows = b"", "", ""
    for number, (name, picture) in enumerate(by_class().items()):
        label = int(name.startswith("dog"))
        index += f"{number}\t{len(pack)}\n"
        rows += f"{number}\t{label:f}\t{name}\n"
        pack += image_record(picture, label, number)
    return pack, index.encode(), rows.encode()


def test_a_folder_becomes_recordio_that_training_reads(run_scones: Scones, tmp_path: Path) -> None:
    write_photos(tmp_path / "pets", by_class())
    for form in ("images", "recordio"):
        code, out, err = run_scones(
            "stage", "folder", "pets", "--out", form, "--format", form, "--json", "--seed", "1"
        )
        assert (code, err) == (0, "")
    assert json.loads(out)["format"] == "recordio"
    kinds = ("idx", "lst", "rec")
    expected = {"manifest.json", *(f"{split}.{kind}" for split in SPLITS for kind in kinds)}
    assert {path.name for path in (tmp_path / "recordio").iterdir()} == expected
    for split in SPLITS:
        plain, of_pack = (list_images(tmp_path / form, split, 2) for form in ("images", "recordio"))
        assert [image.read() for image in of_pack] == [image.path.read_bytes() for image in plain]
        pictures = read_images((tmp_path / "recordio" / f"{split}.rec").read_bytes())
        assert [one.image for one in pictures] == [image.read() for image in of_pack]
        assert load_images(of_pack, (16, 16)).labels.tolist() == [int(one.label) for one in pictures]
    argv = ["stage", "folder", "pets", "--out", "recordio", "--format", "recordio", "--seed", "1"]
    assert "already staged, nothing to do" in run_scones(*argv)[1]
    (tmp_path / "recordio" / "test.idx").write_text("")
    code, _, err = run_scones(*argv)
    assert (code, "is damaged (test.rec, .idx and .lst have different numbers" in err) == (2, True)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("beside", [(), (".idx",), (".lst",), (".idx", ".lst")])
def test_recordio_is_staged_from_disk_as_from_s3(
    run_scones: Scones, tmp_path: Path, beside: tuple[str, ...]
) -> None:
    pack, index, rows = packed()
    files = {".rec": pack, **{end: {".idx": index, ".lst": rows}[end] for end in beside}}
    (tmp_path / "in").mkdir()
    for end, content in files.items():
        (tmp_path / "in" / f"pets{end}").write_bytes(content)
    put({f"in/pets{end}": content for end, content in files.items()})
    told: list[dict[str, Any]] = []
    for place in ("in", "s3://bucket/in"):
        argv = ["stage", "recordio", f"{place}/pets.rec", "--classes", "cat,dog", "--json"]
        code, out, err = run_scones(*argv, "--out", str(len(told)))
        assert (code, err) == (0, "")
        told.append(json.loads(out))
    assert told[0]["counts"] == {
        part: dict.fromkeys(("cat", "dog"), n) for part, n in {"train": 9, "validation": 1, "test": 2}.items()
    }
    for key in ("fingerprint", "arguments", "source", "name", "left_out"):
        assert told[0][key] == told[1][key]
    staged = {image.read() for split in SPLITS for image in list_images(tmp_path / "1", split, 2)}
    assert staged == set(by_class().values())


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("kind", ["recordio", "list"])
def test_im2recs_pair_of_files_stays_in_its_splits(run_scones: Scones, tmp_path: Path, kind: str) -> None:
    """train.rec and val.rec; and lists of the same, on disk; the test part is cut off the first."""
    first, second = (
        by_class(each=10),
        {f"val/{name}": photo(700 + n) for n, name in enumerate(by_class(each=3))},
    )
    files: dict[str, bytes] = {}
    for stem, photos in {"train": first, "val": second}.items():
        rows = [(n, int("dog" in name), name) for n, name in enumerate(photos)]
        files[f"{stem}.rec"] = b"".join(image_record(photos[name], label, n) for n, label, name in rows)
        files[f"{stem}.lst"] = "".join(f"{n}\t{label:f}\t{name}\n" for n, label, name in rows).encode()
    put({f"in/{name}": content for name, content in files.items()})
    write_photos(tmp_path / "in", files | first | second)
    end = {"recordio": "rec", "list": "lst"}[kind]
    told: list[Any] = []
    for place in ("in", "s3://bucket/in") if kind == "recordio" else ("in",):
        argv = [f"{place}/train.{end}", "--validation", f"{place}/val.{end}", "--classes", "cat,dog"]
        code, out, err = run_scones("stage", kind, *argv, "--out", str(len(told)), "--json")
        assert (code, err) == (0, "")
        told.append(json.loads(out))
    assert told[0]["counts"] == {
        part: {"cat": n, "dog": n} for part, n in {"train": 8, "validation": 3, "test": 2}.items()
    }
    assert all(one["fingerprint"] == told[0]["fingerprint"] for one in told)
    staged = {image.read() for image in list_images(tmp_path / "0", "validation", 2)}
    assert staged == set(second.values())


@pytest.mark.usefixtures("aws")
def test_groups_are_told_by_the_paths_of_the_list(run_scones: Scones, tmp_path: Path) -> None:
    pack, _, rows = packed()
    put({"pets.rec": pack, "pets.lst": rows})
    argv = ["stage", "recordio", "s3://bucket/pets.rec", "--out", "x", "--json"]
    code, out, _ = run_scones(*argv, "--group-by", "match:([0-9]+)[.]")
    assert code == 0
    assert json.loads(out)["arguments"]["group_by"] == "match:([0-9]+)[.]"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x"]


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["none.rec"], "There is no file none.rec"),
        (["s3://bucket/none.rec"], "There is no object s3://bucket/none.rec"),
        (["bad.rec"], "bad.rec: byte {size}: a part of 536870911 bytes runs past the end"),
        (["s3://bucket/bad.rec"], "s3://bucket/bad.rec: byte {size}: a part of 536870911 bytes runs past"),
        (["good.rec", "--group-by", "subject"], "a recordio has no columns. Take part:N or match:REGEX."),
        (["good.rec", "--root", "x"], "--root is for list and manifest, not for recordio"),
        (["good.rec", "--label-at", "2"], "good.rec: byte 0: there are 1 labels, but --label-at is 2"),
    ],
)
def test_what_cannot_be_staged_exits_2_with_the_reason_and_leaves_nothing(
    run_scones: Scones, tmp_path: Path, argv: list[str], reason: str
) -> None:
    pack, _, _ = packed()
    bad = pack + bytes.fromhex("0a23d7ce ffffff1f")
    (tmp_path / "good.rec").write_bytes(pack)
    (tmp_path / "bad.rec").write_bytes(bad)
    put({"bad.rec": bad})
    code, out, err = run_scones("stage", "recordio", *argv)
    assert (code, out) == (2, "")
    assert reason.format(size=len(pack)) in " ".join(err.split())
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.rec", "good.rec"]


@pytest.mark.usefixtures("aws")
def test_an_object_that_is_replaced_while_it_is_read_is_noticed() -> None:
    put({"pets.rec": b"first content"})
    pack = S3Pack(client("s3"), S3Location("bucket", "pets.rec"))
    with pack.open(4) as file:
        assert (file.read(5), file.seek(-7, 2), file.read()) == (b"first", 6, b"content")
    put({"pets.rec": b"other content"})
    with pack.open(4) as file, pytest.raises(OperationError, match="was changed while it was read"):
        file.read(5)
